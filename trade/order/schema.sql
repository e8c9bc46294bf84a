-- What a shopper placed and pays once. The id is the checkout token's, so a token is good for one order.
CREATE TABLE orders (
	id TEXT NOT NULL PRIMARY KEY,
	shopper_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('awaiting_payment', 'paid', 'completed', 'cancelled')),
	currency TEXT NOT NULL,
	goods BIGINT NOT NULL CHECK (goods >= 0),
	freight BIGINT NOT NULL CHECK (freight >= 0),
	total BIGINT NOT NULL,
	address_id TEXT NOT NULL,
	request_hash TEXT NOT NULL,
	lang TEXT NOT NULL,
	source TEXT NOT NULL,
	remark TEXT NOT NULL,
	placed_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL,
	paid_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	reason TEXT NOT NULL,
	step BIGINT NOT NULL,
	CHECK (total = goods + freight)
) /*clustered*/;
CREATE INDEX orders_to_expire ON orders (expires_us) WHERE state = 'awaiting_payment';
-- Whose orders are whose, for lists. It is written beside the hot path, from the events of placed orders: as an index of
-- the table above, every order of a batch would touch a page of its own. What is not here yet is still in the outbox.
CREATE TABLE shopper_orders (
	shopper_id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	PRIMARY KEY (shopper_id, order_id)
) /*clustered*/;
-- The part of one seller.
CREATE TABLE suborders (
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	shop_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('open', 'shipped', 'delivered', 'completed', 'cancelled')),
	goods BIGINT NOT NULL CHECK (goods >= 0),
	freight BIGINT NOT NULL CHECK (freight >= 0),
	carrier TEXT NOT NULL,
	pickup TEXT NOT NULL,
	shipped_us BIGINT NOT NULL,
	confirm_by_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	freight_refunded BIGINT NOT NULL CHECK (freight_refunded >= 0),
	step BIGINT NOT NULL,
	PRIMARY KEY (order_id, seq),
	CHECK (freight_refunded <= freight)
) /*clustered*/;
CREATE INDEX suborders_by_shop ON suborders (shop_id, order_id, seq);
CREATE INDEX suborders_to_confirm ON suborders (confirm_by_us) WHERE confirm_by_us > 0;
-- One offer times a quantity, with everything that it was sold under.
CREATE TABLE order_lines (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	shop_id TEXT NOT NULL,
	offer_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	pool_id TEXT NOT NULL,
	title TEXT NOT NULL,
	choice TEXT NOT NULL,
	picture TEXT NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity > 0),
	unit_price BIGINT NOT NULL CHECK (unit_price > 0),
	price_version BIGINT NOT NULL CHECK (price_version > 0),
	discount BIGINT NOT NULL CHECK (discount >= 0),
	paid BIGINT NOT NULL CHECK (paid >= 0),
	fee_ppm BIGINT NOT NULL CHECK (fee_ppm >= 0 AND fee_ppm <= 1000000),
	fee_rule_id TEXT NOT NULL,
	refunded_quantity BIGINT NOT NULL CHECK (refunded_quantity >= 0),
	refunded BIGINT NOT NULL CHECK (refunded >= 0),
	PRIMARY KEY (order_id, line_no),
	CHECK (paid = quantity * unit_price - discount),
	CHECK (refunded_quantity <= quantity),
	CHECK (refunded <= paid)
) /*clustered*/;
-- The path that an order (seq 0) or a suborder took through its states, steps 1, 2, ... without a gap; placing is
-- the order's own row. Append-only.
CREATE TABLE order_steps (
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	step BIGINT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	actor TEXT NOT NULL,
	cause TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, seq, step)
) /*clustered*/;
