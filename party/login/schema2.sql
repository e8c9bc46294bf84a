-- What a merchant's or an operator's login may do there, and when it was taken away (0: not).
ALTER TABLE logins ADD COLUMN staff_role TEXT NOT NULL DEFAULT '';
ALTER TABLE logins ADD COLUMN ended_us BIGINT NOT NULL DEFAULT 0;
UPDATE logins SET staff_role = 'owner' WHERE role = 'merchant';
UPDATE logins SET staff_role = 'admin' WHERE role = 'operator';
CREATE INDEX logins_by_shop ON logins (shop_id, id) WHERE role <> 'shopper';
-- How a session was opened and from where, in words coarse enough to be kept. One that an operator opened with the
-- consent of its owner names the operator, and only reads.
ALTER TABLE sessions ADD COLUMN way TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN seen_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN helper TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_helper ON sessions (helper) WHERE helper <> '';
-- Verified e-mail addresses and phone numbers: personal data, deleted when a shopper is erased.
CREATE TABLE contacts (
	address TEXT NOT NULL PRIMARY KEY CHECK (address <> ''),
	login_id TEXT NOT NULL CHECK (login_id <> ''),
	verified_us BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX contacts_by_login ON contacts (login_id);
-- One-time codes that were asked for and are not yet used: only what proves one. Rows are swept when they expire.
CREATE TABLE codes (
	id TEXT NOT NULL PRIMARY KEY,
	code_hash TEXT NOT NULL CHECK (code_hash <> ''),
	address TEXT NOT NULL CHECK (address <> ''),
	login_id TEXT NOT NULL,
	tries BIGINT NOT NULL CHECK (tries >= 0 AND tries <= 5),
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL CHECK (expires_us > created_us)
) /*clustered*/;
-- What a passkey or a single sign-on was begun with. Each is taken once, by deleting it.
CREATE TABLE ceremonies (
	id TEXT NOT NULL PRIMARY KEY,
	secret_hash TEXT NOT NULL CHECK (secret_hash <> ''),
	kind TEXT NOT NULL CHECK (kind IN ('passkey_add', 'passkey_login', 'sso')),
	login_id TEXT NOT NULL,
	body TEXT NOT NULL,
	expires_us BIGINT NOT NULL
) /*clustered*/;
CREATE TABLE passkeys (
	id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
	login_id TEXT NOT NULL CHECK (login_id <> ''),
	name TEXT NOT NULL,
	credential TEXT NOT NULL CHECK (credential <> ''),
	sign_count BIGINT NOT NULL CHECK (sign_count >= 0),
	created_us BIGINT NOT NULL,
	used_us BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX passkeys_by_login ON passkeys (login_id);
-- Links that make somebody staff. e-mail is only there where single sign-on may take the link.
CREATE TABLE invites (
	id TEXT NOT NULL PRIMARY KEY,
	secret_hash TEXT NOT NULL CHECK (secret_hash <> ''),
	role TEXT NOT NULL CHECK (role IN ('merchant', 'operator')),
	shop_id TEXT NOT NULL,
	staff_role TEXT NOT NULL CHECK (staff_role <> ''),
	email TEXT NOT NULL,
	invited_by TEXT NOT NULL CHECK (invited_by <> ''),
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL CHECK (expires_us > created_us),
	CHECK ((role = 'merchant') = (shop_id <> ''))
) /*clustered*/;
CREATE INDEX invites_by_email ON invites (email) WHERE email <> '';
CREATE INDEX invites_by_shop ON invites (shop_id, id);
-- Which person of a single sign-on a login is.
CREATE TABLE sso_people (
	issuer TEXT NOT NULL CHECK (issuer <> ''),
	subject TEXT NOT NULL CHECK (subject <> ''),
	login_id TEXT NOT NULL CHECK (login_id <> ''),
	bound_us BIGINT NOT NULL,
	PRIMARY KEY (issuer, subject)
) /*clustered*/;
CREATE INDEX sso_people_by_login ON sso_people (login_id);
-- Keys with which a shop's own programs call. Only the SHA-256 of the secret is kept.
CREATE TABLE api_keys (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	name TEXT NOT NULL CHECK (name <> ''),
	secret_hash TEXT NOT NULL CHECK (secret_hash <> ''),
	scopes TEXT NOT NULL,
	made_by TEXT NOT NULL CHECK (made_by <> ''),
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL CHECK (expires_us > created_us),
	used_us BIGINT NOT NULL,
	revoked_us BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX api_keys_by_shop ON api_keys (shop_id, id);
-- Consents to be looked over the shoulder, given as a code that is said to an operator. Taken once, by deleting it.
CREATE TABLE consents (
	code_hash TEXT NOT NULL PRIMARY KEY,
	login_id TEXT NOT NULL CHECK (login_id <> ''),
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL CHECK (expires_us > created_us)
) /*clustered*/;
CREATE INDEX consents_by_login ON consents (login_id);
