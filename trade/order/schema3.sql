-- What keeps a paid suborder from its merchant: 'group' until the group that it was bought in has formed; '' is nothing.
ALTER TABLE suborders ADD COLUMN waits TEXT NOT NULL DEFAULT '';
-- Part of a line's price that went back while the shopper keeps the pieces (the lower step of a group's ladder), and
-- where the line stood then: what its further pieces bring is counted from there.
ALTER TABLE order_lines ADD COLUMN lowered BIGINT NOT NULL DEFAULT 0
	CHECK (lowered >= 0 AND refunded + lowered <= paid);
ALTER TABLE order_lines ADD COLUMN pieces_before BIGINT NOT NULL DEFAULT 0
	CHECK (pieces_before >= 0 AND pieces_before <= refunded_quantity);
ALTER TABLE order_lines ADD COLUMN refunded_before BIGINT NOT NULL DEFAULT 0
	CHECK (refunded_before >= 0 AND refunded_before <= refunded);
-- Each such return, with what it was for. Append-only; the amounts of a line add up to lowered.
CREATE TABLE order_lowerings (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	why TEXT NOT NULL,
	ref TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, line_no, ref)
) /*clustered*/;
