-- What others than the shop pay of the price that was lowered, and did not get back: they pay when it is lowered, and are
-- paid back piece by piece with the goods, so that the shop earns as much as before. Each lowering says who pays how much
-- of it, and how many pieces were given back before it.
ALTER TABLE order_lines ADD COLUMN topped BIGINT NOT NULL DEFAULT 0 CHECK (topped >= 0 AND topped <= lowered);
ALTER TABLE order_lowerings ADD COLUMN funding TEXT NOT NULL DEFAULT '';
ALTER TABLE order_lowerings ADD COLUMN pieces_before BIGINT NOT NULL DEFAULT 0 CHECK (pieces_before >= 0);
CREATE INDEX order_lowerings_funded ON order_lowerings (order_id) WHERE funding <> '';
