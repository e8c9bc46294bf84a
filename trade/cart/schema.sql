-- What a shopper keeps for later: one row per offer. Nothing is promised by it, neither stock nor price.
CREATE TABLE cart_lines (
	shopper_id TEXT NOT NULL,
	offer_id TEXT NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity > 0 AND quantity <= 9999),
	added_us BIGINT NOT NULL,
	PRIMARY KEY (shopper_id, offer_id)
) /*clustered*/;
