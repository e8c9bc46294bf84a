-- A SKU for sale: who sells it, from which pool, at which price.
CREATE TABLE offers (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	pool_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	unit_price BIGINT NOT NULL CHECK (unit_price > 0),
	list_price BIGINT NOT NULL CHECK (list_price >= 0),
	version BIGINT NOT NULL CHECK (version > 0),
	state TEXT NOT NULL CHECK (state IN ('listed', 'withdrawn'))
) /*clustered*/;
CREATE UNIQUE INDEX offers_by_sku ON offers (sku_id, shop_id);
CREATE INDEX offers_by_product ON offers (product_id, id);
-- Every price an offer ever had, and since when. Append-only: orders cite (offer, version).
CREATE TABLE price_history (
	offer_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	unit_price BIGINT NOT NULL CHECK (unit_price > 0),
	list_price BIGINT NOT NULL CHECK (list_price >= 0),
	from_us BIGINT NOT NULL,
	PRIMARY KEY (offer_id, version)
) /*clustered*/;
