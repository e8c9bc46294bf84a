-- What was said about prices, and what it was held against. Refused claims stay: the operator reads them.
CREATE TABLE price_claims (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	offer_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	regime TEXT NOT NULL CHECK (regime IN ('cn', 'eu')),
	sale BIGINT NOT NULL CHECK (sale > 0),
	strike BIGINT NOT NULL CHECK (strike >= 0),
	off_ppm BIGINT NOT NULL CHECK (off_ppm >= 0 AND off_ppm <= 1000000),
	prior BIGINT NOT NULL CHECK (prior >= 0),
	basis TEXT NOT NULL,
	source TEXT NOT NULL,
	code TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL CHECK (until_us > from_us),
	at_us BIGINT NOT NULL,
	CONSTRAINT borne_by_history CHECK (code <> '' OR (strike <= prior AND sale < prior) OR (strike = 0 AND off_ppm = 0))
) /*clustered*/;
CREATE INDEX price_claims_by_shop ON price_claims (shop_id, id);
CREATE INDEX price_claims_refused ON price_claims (id) WHERE code <> '';
