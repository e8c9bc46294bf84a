-- Who may log in, and as what. A shopper's login names its shopper, a merchant's its shop, an operator's neither.
CREATE TABLE logins (
	id TEXT NOT NULL PRIMARY KEY,
	role TEXT NOT NULL,
	name TEXT NOT NULL UNIQUE CHECK (name <> ''),
	password_hash TEXT NOT NULL CHECK (password_hash <> ''),
	shopper_id TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	CHECK ((role = 'shopper' AND shopper_id <> '' AND shop_id = '')
		OR (role = 'merchant' AND shopper_id = '' AND shop_id <> '')
		OR (role = 'operator' AND shopper_id = '' AND shop_id = ''))
) /*clustered*/;
CREATE UNIQUE INDEX logins_by_shopper ON logins (shopper_id) WHERE shopper_id <> '';
-- Who is logged in. Only the SHA-256 of a token's secret is kept. The id rises with time, so that a sale's guests are
-- written at one edge of the table and old sessions are found at the other. A guest has no login_id.
CREATE TABLE sessions (
	id TEXT NOT NULL PRIMARY KEY,
	secret_hash TEXT NOT NULL CHECK (secret_hash <> ''),
	login_id TEXT NOT NULL,
	role TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	lang TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL,
	CHECK (expires_us > created_us),
	CHECK ((role = 'shopper' AND shopper_id <> '' AND shop_id = '')
		OR (role = 'merchant' AND shopper_id = '' AND shop_id <> '' AND login_id <> '')
		OR (role = 'operator' AND shopper_id = '' AND shop_id = '' AND login_id <> ''))
) /*clustered*/;
CREATE INDEX sessions_by_login ON sessions (login_id) WHERE login_id <> '';
