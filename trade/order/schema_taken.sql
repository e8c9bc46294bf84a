-- When a wallet told that it took money of the order back by itself, as after a shopper's dispute with their bank; 0 when
-- none did, or when the operator said that the money is there again. Until then nothing of the order is sent.
ALTER TABLE orders ADD COLUMN taken_us BIGINT NOT NULL DEFAULT 0 CHECK (taken_us >= 0);
UPDATE orders SET taken_us = COALESCE((SELECT MAX(f.at_us) FROM payment_facts f
		JOIN attempts a ON f.attempt_id = CASE WHEN a.bill = '' THEN a.id ELSE a.bill END
		WHERE a.order_id = orders.id AND f.kind = 'refund' AND f.outcome = 'suspense'), 1)
	WHERE id IN (SELECT order_id FROM attempts WHERE charged_back > 0);
-- What was sent of them when nothing held it back was sent before this.
UPDATE orders SET taken_us = (SELECT MAX(s.shipped_us) FROM suborders s WHERE s.order_id = orders.id)
	WHERE taken_us > 0 AND EXISTS (SELECT 1 FROM suborders s
		WHERE s.order_id = orders.id AND s.shipped_us > orders.taken_us);
-- One more end of a presale: its wallet took the earnest back, so there is nothing to forfeit. A check cannot be changed
-- on both engines, so the table is made anew.
CREATE TABLE presales_anew (
	order_id TEXT NOT NULL PRIMARY KEY,
	item TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('earnest_due', 'earnest_paid', 'balance_paid', 'forfeited', 'returned', 'lapsed',
		'taken_back')),
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
	ship_by_us BIGINT NOT NULL DEFAULT 0 CHECK (ship_by_us >= 0),
	ship_days BIGINT NOT NULL DEFAULT 0 CHECK (ship_days >= 0),
	CONSTRAINT a_fifth_at_most CHECK (forfeit * 5 <= value)
) /*clustered*/;
INSERT INTO presales_anew (order_id, item, state, earnest, worth, value, forfeit, opens_us, due_us, earnest_us, fixed_us,
	ended_us, told, ship_by_us, ship_days) SELECT order_id, item, state, earnest, worth, value, forfeit, opens_us, due_us,
	earnest_us, fixed_us, ended_us, told, ship_by_us, ship_days FROM presales;
DROP TABLE presales;
ALTER TABLE presales_anew RENAME TO presales;
-- Who is to be told that the balance can be paid (told 0), and that its end is near (told 1).
CREATE INDEX presales_to_tell ON presales (told, opens_us, due_us) WHERE state = 'earnest_paid' AND told < 2;
