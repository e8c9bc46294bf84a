-- A shop may wait for the operator's word before it opens: one more state. A CHECK cannot be changed in place on both
-- engines, so the table is made anew.
CREATE TABLE shops_anew (
	id TEXT NOT NULL PRIMARY KEY,
	code TEXT NOT NULL UNIQUE CHECK (code <> ''),
	name_zh TEXT NOT NULL CHECK (name_zh <> ''),
	name_en TEXT NOT NULL CHECK (name_en <> ''),
	intro_zh TEXT NOT NULL,
	intro_en TEXT NOT NULL,
	logo TEXT NOT NULL,
	division TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('applied', 'open', 'closed')),
	created_us BIGINT NOT NULL
) /*clustered*/;
INSERT INTO shops_anew (id, code, name_zh, name_en, intro_zh, intro_en, logo, division, state, created_us)
	SELECT id, code, name_zh, name_en, intro_zh, intro_en, logo, division, state, created_us FROM shops;
DROP TABLE shops;
ALTER TABLE shops_anew RENAME TO shops;
-- What a shop hands in for the operator's review: who trades, the licence's number, and its picture.
CREATE TABLE shop_papers (
	shop_id TEXT NOT NULL PRIMARY KEY,
	holder TEXT NOT NULL CHECK (holder <> ''),
	licence TEXT NOT NULL CHECK (licence <> ''),
	picture TEXT NOT NULL,
	given_us BIGINT NOT NULL
) /*clustered*/;
