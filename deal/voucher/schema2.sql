-- When a version came into force first, 0: it did not, or before that was kept; what it may cost at worst, and up to
-- what one person might publish alone then, both in minor units.
ALTER TABLE voucher_versions ADD COLUMN published_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE voucher_versions ADD COLUMN worst BIGINT NOT NULL DEFAULT 0;
ALTER TABLE voucher_versions ADD COLUMN alone BIGINT NOT NULL DEFAULT 0;
