-- What a piece may never be sold for less than, whatever is taken off; 0: nothing. Only the shop and the market see it.
ALTER TABLE offers ADD COLUMN floor_price BIGINT NOT NULL DEFAULT 0 CHECK (floor_price >= 0 AND floor_price <= unit_price);
-- Every floor an offer ever had, and since when: which prices could be had then.
CREATE TABLE floor_history (
	offer_id TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	floor_price BIGINT NOT NULL CHECK (floor_price >= 0),
	PRIMARY KEY (offer_id, from_us)
) /*clustered*/;
