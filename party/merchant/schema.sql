-- A merchant's storefront. Never deleted: orders and ledger entries name it.
CREATE TABLE shops (
	id TEXT NOT NULL PRIMARY KEY,
	code TEXT NOT NULL UNIQUE CHECK (code <> ''),
	name_zh TEXT NOT NULL CHECK (name_zh <> ''),
	name_en TEXT NOT NULL CHECK (name_en <> ''),
	intro_zh TEXT NOT NULL,
	intro_en TEXT NOT NULL,
	logo TEXT NOT NULL,
	division TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
	created_us BIGINT NOT NULL
) /*clustered*/;
