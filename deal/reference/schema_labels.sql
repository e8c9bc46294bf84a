-- What may be said of an offer's ordinary price: one row for each offer with a struck price, made when that price began and
-- never again for the same version. Where a code stands, history does not bear the struck price, and no page shows it.
CREATE TABLE price_labels (
	offer_id TEXT NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL CHECK (version > 0),
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	sale BIGINT NOT NULL CHECK (sale > 0),
	strike BIGINT NOT NULL CHECK (strike > 0),
	prior BIGINT NOT NULL CHECK (prior >= 0),
	basis TEXT NOT NULL,
	source TEXT NOT NULL,
	code TEXT NOT NULL,
	claim_id TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	at_us BIGINT NOT NULL,
	CONSTRAINT borne_by_history CHECK (code <> '' OR (strike <= prior AND sale < prior))
) /*clustered*/;
CREATE INDEX price_labels_by_product ON price_labels (product_id);
CREATE INDEX price_labels_by_shop ON price_labels (shop_id, from_us, offer_id);
