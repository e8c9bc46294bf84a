-- Of an order whose refunds price again what is left of it: what of the lines' amounts does not go back, since what is left
-- costs more by itself; below 0 where it costs less. The amount is that of the lines and the freight less this.
ALTER TABLE cases ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN repriced BOOLEAN NOT NULL DEFAULT FALSE CHECK (repriced OR kept = 0);
