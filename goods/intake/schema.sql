-- What an import brought: by its content's hash a second import of the same is recognised. figures remembers, per SKU,
-- its id here and the stock that the file stated, so that only a new figure changes the stock.
CREATE TABLE imported_products (
	external_id TEXT NOT NULL,
	source TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	content_hash TEXT NOT NULL,
	figures TEXT NOT NULL,
	imported_us BIGINT NOT NULL,
	PRIMARY KEY (external_id, source, shop_id)
) /*clustered*/;
-- Pictures that lie elsewhere: recorded (the operator lets them be fetched), stored (here as picture) or refused.
CREATE TABLE remote_pictures (
	product_id TEXT NOT NULL,
	position BIGINT NOT NULL CHECK (position >= 0),
	shop_id TEXT NOT NULL,
	url TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('recorded', 'stored', 'refused')),
	picture TEXT NOT NULL,
	reason TEXT NOT NULL,
	tries BIGINT NOT NULL,
	PRIMARY KEY (product_id, position)
) /*clustered*/;
CREATE INDEX remote_pictures_waiting ON remote_pictures (shop_id, state, tries, product_id);
