-- What changes of a pool stands in a row of its own, small and in the order of small numbers: the orders of a batch, of
-- many pools, then touch few pages. What is left of a pool never changes. The two come together and stay together.
CREATE TABLE pool_counts (
	no BIGINT NOT NULL PRIMARY KEY,
	open BOOLEAN NOT NULL,
	received BIGINT NOT NULL CHECK (received >= 0),
	returned BIGINT NOT NULL CHECK (returned >= 0),
	written_off BIGINT NOT NULL CHECK (written_off >= 0),
	held BIGINT NOT NULL CHECK (held >= 0),
	sold BIGINT NOT NULL CHECK (sold >= 0),
	shipped BIGINT NOT NULL CHECK (shipped >= 0),
	CONSTRAINT never_oversold CHECK (received + returned - written_off - held - sold - shipped >= 0)
) /*clustered*/;
CREATE TABLE numbered_pools (
	id TEXT NOT NULL PRIMARY KEY,
	no BIGINT NOT NULL CHECK (no > 0),
	shop_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	place TEXT NOT NULL
) /*clustered*/;
INSERT INTO numbered_pools (id, no, shop_id, sku_id, place)
	SELECT id, ROW_NUMBER() OVER (ORDER BY id), shop_id, sku_id, place FROM pools;
INSERT INTO pool_counts (no, open, received, returned, written_off, held, sold, shipped)
	SELECT n.no, p.open, p.received, p.returned, p.written_off, p.held, p.sold, p.shipped
	FROM pools p JOIN numbered_pools n ON n.id = p.id;
DROP TABLE pools;
ALTER TABLE numbered_pools RENAME TO pools;
CREATE UNIQUE INDEX pools_by_sku ON pools (sku_id, shop_id, place);
CREATE UNIQUE INDEX pools_by_no ON pools (no);
