-- What was said of a product. One of this market names the order line that it is about, each line once; an imported one
-- names where it comes from, and nobody's order.
CREATE TABLE reviews (
	id TEXT NOT NULL PRIMARY KEY,
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	choice TEXT NOT NULL,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	shopper_id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	source TEXT NOT NULL,
	external_id TEXT NOT NULL,
	author TEXT NOT NULL,
	anonymous BOOLEAN NOT NULL,
	stars BIGINT NOT NULL CHECK (stars >= 1 AND stars <= 5),
	body TEXT NOT NULL,
	pictures TEXT NOT NULL,
	pictured BOOLEAN NOT NULL,
	returned BOOLEAN NOT NULL,
	follow_body TEXT NOT NULL,
	follow_pictures TEXT NOT NULL,
	answer TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('shown', 'hidden')),
	reports BIGINT NOT NULL CHECK (reports >= 0),
	step BIGINT NOT NULL CHECK (step >= 0),
	written_us BIGINT NOT NULL,
	followed_us BIGINT NOT NULL,
	answered_us BIGINT NOT NULL,
	CHECK ((source = '') = (order_id <> '')),
	CHECK ((source = '') = (shopper_id <> '')),
	CHECK ((source = '') = (external_id = '')),
	CHECK (NOT anonymous OR author = ''),
	CHECK ((answered_us > 0) = (answer <> '')),
	CHECK (followed_us > 0 OR follow_body = '')
) /*clustered*/;
CREATE UNIQUE INDEX reviews_by_line ON reviews (order_id, line_no) WHERE source = '';
CREATE UNIQUE INDEX reviews_by_source ON reviews (shop_id, source, external_id) WHERE source <> '';
CREATE INDEX reviews_by_product ON reviews (product_id, written_us, id) WHERE state = 'shown';
CREATE INDEX reviews_by_shop ON reviews (shop_id, written_us, id);
CREATE INDEX reviews_by_shopper ON reviews (shopper_id, written_us, id) WHERE source = '';
CREATE INDEX reviews_reported ON reviews (written_us, id) WHERE reports > 0;
-- What reviews make of a product, verified purchases and imported ones apart. Hidden ones count nowhere.
CREATE TABLE review_totals (
	product_id TEXT NOT NULL,
	verified BOOLEAN NOT NULL,
	star1 BIGINT NOT NULL CHECK (star1 >= 0),
	star2 BIGINT NOT NULL CHECK (star2 >= 0),
	star3 BIGINT NOT NULL CHECK (star3 >= 0),
	star4 BIGINT NOT NULL CHECK (star4 >= 0),
	star5 BIGINT NOT NULL CHECK (star5 >= 0),
	total BIGINT NOT NULL,
	tenths BIGINT NOT NULL,
	PRIMARY KEY (product_id, verified),
	CHECK (total = star1 + star2 + star3 + star4 + star5),
	CHECK (total > 0 OR tenths = 0),
	CHECK (total = 0 OR 2 * total * tenths <= 20 * (star1 + 2 * star2 + 3 * star3 + 4 * star4 + 5 * star5) + total),
	CHECK (total = 0 OR 2 * total * (tenths + 1) > 20 * (star1 + 2 * star2 + 3 * star3 + 4 * star4 + 5 * star5) + total)
) /*clustered*/;
-- Who reported a review and why, each shopper once. Open until the operator decides.
CREATE TABLE review_reports (
	review_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL CHECK (shopper_id <> ''),
	reason TEXT NOT NULL CHECK (reason <> ''),
	note TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	undecided BOOLEAN NOT NULL,
	PRIMARY KEY (review_id, shopper_id)
) /*clustered*/;
CREATE INDEX review_reports_by_shopper ON review_reports (shopper_id, at_us);
-- What the operator decided, steps 1, 2, ... without a gap. Append-only.
CREATE TABLE review_steps (
	review_id TEXT NOT NULL,
	step BIGINT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	reason TEXT NOT NULL,
	note TEXT NOT NULL,
	actor TEXT NOT NULL CHECK (actor <> ''),
	at_us BIGINT NOT NULL,
	PRIMARY KEY (review_id, step)
) /*clustered*/;
