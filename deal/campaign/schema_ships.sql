-- When what is sold in a presale is sent: before an instant, or so many days after its balance is paid; both 0 of what was
-- enrolled before shops said so, and of what is no presale.
ALTER TABLE enrolments ADD COLUMN ship_by_us BIGINT NOT NULL DEFAULT 0 CHECK (ship_by_us >= 0);
ALTER TABLE enrolments ADD COLUMN ship_days BIGINT NOT NULL DEFAULT 0 CHECK (ship_days >= 0);
