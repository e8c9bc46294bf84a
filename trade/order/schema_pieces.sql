-- How many of a line's refunded pieces were given back before they were sent, and how many came back afterwards. With
-- the state of its order and suborder that is all there is to say of a line's stock, so it has no reservation beside it.
ALTER TABLE order_lines ADD COLUMN released BIGINT NOT NULL DEFAULT 0 CHECK (released >= 0);
ALTER TABLE order_lines ADD COLUMN returned BIGINT NOT NULL DEFAULT 0
	CHECK (returned >= 0 AND released + returned <= refunded_quantity);
UPDATE order_lines SET
	released = (SELECT r.released FROM reservations r
		WHERE r.order_id = order_lines.order_id AND r.line_no = order_lines.line_no),
	returned = (SELECT r.returned FROM reservations r
		WHERE r.order_id = order_lines.order_id AND r.line_no = order_lines.line_no)
	WHERE EXISTS (SELECT 1 FROM reservations r
		WHERE r.order_id = order_lines.order_id AND r.line_no = order_lines.line_no);
DROP TABLE reservations;
