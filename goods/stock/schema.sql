-- One count of one SKU at one place and purpose. Every column only ever says what is true of the rows below it; what is
-- free is never stored, it follows: received + returned - written_off - held - sold - shipped.
CREATE TABLE pools (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	place TEXT NOT NULL,
	open BOOLEAN NOT NULL,
	received BIGINT NOT NULL CHECK (received >= 0),
	returned BIGINT NOT NULL CHECK (returned >= 0),
	written_off BIGINT NOT NULL CHECK (written_off >= 0),
	held BIGINT NOT NULL CHECK (held >= 0),
	sold BIGINT NOT NULL CHECK (sold >= 0),
	shipped BIGINT NOT NULL CHECK (shipped >= 0),
	CONSTRAINT never_oversold CHECK (received + returned - written_off - held - sold - shipped >= 0)
) /*clustered*/;
CREATE UNIQUE INDEX pools_by_sku ON pools (sku_id, shop_id, place);
-- Stock held for one order line until a deadline: held (the shopper pays), committed (the merchant ships), shipped,
-- released (nobody acts; the units are free again).
CREATE TABLE reservations (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	pool_id TEXT NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity > 0),
	released BIGINT NOT NULL CHECK (released >= 0),
	returned BIGINT NOT NULL CHECK (returned >= 0),
	state TEXT NOT NULL CHECK (state IN ('held', 'committed', 'shipped', 'released')),
	until_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, line_no),
	CHECK (released + returned <= quantity)
) /*clustered*/;
-- Why a pool's counts of goods changed other than by an order. Append-only.
CREATE TABLE stock_moves (
	id TEXT NOT NULL PRIMARY KEY,
	pool_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('receive', 'write_off', 'return')),
	quantity BIGINT NOT NULL CHECK (quantity > 0),
	ref TEXT NOT NULL,
	at_us BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX stock_moves_by_pool ON stock_moves (pool_id, id);
