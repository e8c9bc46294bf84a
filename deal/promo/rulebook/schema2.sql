-- What a version that was published could cost at worst, -1 where nothing bounds it, and up to what one person might
-- publish alone then, both in minor units; 0 and 0 of what was published before that was kept.
ALTER TABLE promotions ADD COLUMN worst BIGINT NOT NULL DEFAULT 0 CHECK (worst >= -1);
ALTER TABLE promotions ADD COLUMN alone BIGINT NOT NULL DEFAULT 0;
