-- What is paid first of an order that is paid in two parts; 0 for any other. Such an order has a row in presales.
ALTER TABLE orders ADD COLUMN earnest BIGINT NOT NULL DEFAULT 0 CHECK (earnest >= 0 AND earnest <= total);
-- An order of a presale: the earnest is paid at once, the balance in [opens_us, due_us). The order awaits payment until
-- both are paid. Of the earnest at most a fifth of what the goods cost is lost by a shopper who does not pay the balance
-- (Civil Code 586), and given once more by a shop that does not deliver (587).
CREATE TABLE presales (
	order_id TEXT NOT NULL PRIMARY KEY,
	item TEXT NOT NULL,
	state TEXT NOT NULL
		CHECK (state IN ('earnest_due', 'earnest_paid', 'balance_paid', 'forfeited', 'returned', 'lapsed')),
	earnest BIGINT NOT NULL CHECK (earnest > 0),
	worth BIGINT NOT NULL CHECK (worth >= earnest),
	value BIGINT NOT NULL CHECK (value > earnest),
	forfeit BIGINT NOT NULL CHECK (forfeit >= 0 AND forfeit <= earnest),
	opens_us BIGINT NOT NULL,
	due_us BIGINT NOT NULL CHECK (due_us > opens_us),
	earnest_us BIGINT NOT NULL CHECK ((earnest_us = 0) = (state IN ('earnest_due', 'lapsed'))),
	fixed_us BIGINT NOT NULL,
	ended_us BIGINT NOT NULL CHECK ((ended_us = 0) = (state IN ('earnest_due', 'earnest_paid'))),
	told BIGINT NOT NULL CHECK (told >= 0 AND told <= 2),
	CONSTRAINT a_fifth_at_most CHECK (forfeit * 5 <= value)
) /*clustered*/;
-- Who is to be told that the balance can be paid (told 0), and that its end is near (told 1).
CREATE INDEX presales_to_tell ON presales (told, opens_us, due_us) WHERE state = 'earnest_paid' AND told < 2;
