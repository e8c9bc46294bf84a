-- What is to be seen on a product's picture, for those who cannot see it. A row stands only where somebody said so.
CREATE TABLE picture_words (
	product_id TEXT NOT NULL,
	picture TEXT NOT NULL CHECK (picture <> ''),
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	zh TEXT NOT NULL,
	en TEXT NOT NULL,
	PRIMARY KEY (product_id, picture),
	CHECK (zh <> '' OR en <> '')
) /*clustered*/;
