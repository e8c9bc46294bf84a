-- A guest whose things went into an account names that account's shopper, and is empty.
ALTER TABLE shoppers ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
-- Products that a shopper keeps, and those looked at lately: ids only, a row per product, both bounded.
CREATE TABLE favourites (
	shopper_id TEXT NOT NULL,
	product_id TEXT NOT NULL CHECK (product_id <> ''),
	at_us BIGINT NOT NULL,
	PRIMARY KEY (shopper_id, product_id)
) /*clustered*/;
CREATE TABLE seen_products (
	shopper_id TEXT NOT NULL,
	product_id TEXT NOT NULL CHECK (product_id <> ''),
	at_us BIGINT NOT NULL,
	PRIMARY KEY (shopper_id, product_id)
) /*clustered*/;
