-- A reservation begins with the payment: what an unpaid order holds are its lines, which it held beside them before.
-- committed (the merchant ships), shipped, released (nobody acts; the units are free again).
CREATE TABLE paid_reservations (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	pool_id TEXT NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity > 0),
	released BIGINT NOT NULL CHECK (released >= 0),
	returned BIGINT NOT NULL CHECK (returned >= 0),
	state TEXT NOT NULL CHECK (state IN ('committed', 'shipped', 'released')),
	PRIMARY KEY (order_id, line_no),
	CHECK (released + returned <= quantity),
	CHECK ((state = 'released') = (released = quantity))
) /*clustered*/;
INSERT INTO paid_reservations (order_id, line_no, pool_id, quantity, released, returned, state)
	SELECT order_id, line_no, pool_id, quantity, released, returned, state FROM reservations
	WHERE state IN ('committed', 'shipped') OR state = 'released' AND released > 0;
DROP TABLE reservations;
ALTER TABLE paid_reservations RENAME TO reservations;
