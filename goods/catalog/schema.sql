-- What is described. A product is found again by where it came from. Rows are wide, so they are not clustered.
CREATE TABLE products (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	category_id TEXT NOT NULL,
	title_zh TEXT NOT NULL,
	title_en TEXT NOT NULL CHECK (title_zh <> '' OR title_en <> ''),
	description_zh TEXT NOT NULL,
	description_en TEXT NOT NULL,
	brand TEXT NOT NULL,
	pictures TEXT NOT NULL,
	options TEXT NOT NULL,
	attributes TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('listed', 'withdrawn')),
	source TEXT NOT NULL,
	external_id TEXT NOT NULL,
	content_hash TEXT NOT NULL,
	position BIGINT NOT NULL CHECK (position >= 0),
	created_us BIGINT NOT NULL,
	updated_us BIGINT NOT NULL,
	UNIQUE (external_id, source, shop_id) -- the telling column first: a database without statistics uses it too
);
CREATE INDEX products_by_shop ON products (shop_id, position, id);
-- What is counted and sold: one choice among the options of its product.
CREATE TABLE skus (
	id TEXT NOT NULL PRIMARY KEY,
	product_id TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	code TEXT NOT NULL,
	external_id TEXT NOT NULL,
	choice TEXT NOT NULL,
	barcode TEXT NOT NULL,
	weight_g BIGINT NOT NULL CHECK (weight_g >= 0),
	picture TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('listed', 'withdrawn')),
	position BIGINT NOT NULL CHECK (position >= 0),
	UNIQUE (product_id, external_id)
) /*clustered*/;
