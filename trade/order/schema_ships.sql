-- When the goods of a presale are sent: before an instant, which for so many days after the balance is known once that is
-- paid; 0 of orders from before shops said so.
ALTER TABLE presales ADD COLUMN ship_by_us BIGINT NOT NULL DEFAULT 0 CHECK (ship_by_us >= 0);
ALTER TABLE presales ADD COLUMN ship_days BIGINT NOT NULL DEFAULT 0 CHECK (ship_days >= 0);
