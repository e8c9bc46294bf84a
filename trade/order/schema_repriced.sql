-- Orders whose refunds price again what is left of them, as their shoppers were told before they placed them: by what
-- their price came from (promo.Basis). Any other order has no row.
CREATE TABLE order_modes (
	order_id TEXT NOT NULL PRIMARY KEY,
	basis TEXT NOT NULL CHECK (basis <> '')
) /*clustered*/;
-- Each such refund: what was paid for the goods that the shopper had, what those that are left cost by themselves, and
-- what went back. What prices were lowered by until then tells it from what is lowered later. Append-only.
CREATE TABLE order_repricings (
	order_id TEXT NOT NULL,
	no BIGINT NOT NULL CHECK (no > 0),
	ref TEXT NOT NULL,
	fair BOOLEAN NOT NULL,
	before BIGINT NOT NULL CHECK (before >= 0),
	rest BIGINT NOT NULL CHECK (rest >= 0),
	share BIGINT NOT NULL CHECK (share >= 0),
	back BIGINT NOT NULL CHECK (back >= 0 AND back <= before),
	lowered BIGINT NOT NULL CHECK (lowered >= 0),
	at_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, no),
	CHECK (back = CASE WHEN fair AND share > before - rest THEN share WHEN before > rest THEN before - rest ELSE 0 END)
) /*clustered*/;
-- What is paid for the pieces of a line that are left above what their share of the old price was, below 0 for less; what
-- of that others than the shop get, who pay less of a discount; and the discounts of those pieces since ('' while they
-- were not priced again, [] for none).
ALTER TABLE order_lines ADD COLUMN kept BIGINT NOT NULL DEFAULT 0 CHECK (paid - refunded - lowered + kept >= 0);
ALTER TABLE order_lines ADD COLUMN kept_funded BIGINT NOT NULL DEFAULT 0 CHECK (funded - funded_back - kept_funded >= 0);
ALTER TABLE order_lines ADD COLUMN standing TEXT NOT NULL DEFAULT ''
	CHECK (standing <> '' OR kept = 0 AND kept_funded = 0);
