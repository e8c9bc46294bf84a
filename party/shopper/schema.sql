-- Who buys. The row knows nothing about the person: everything personal stands in addresses and can be erased there.
CREATE TABLE shoppers (
	id TEXT NOT NULL PRIMARY KEY,
	created_us BIGINT NOT NULL
) /*clustered*/;
-- The vault: where a shopper's parcels go. A row is never edited, because orders name it; an edit is a new row.
-- "forgotten" rows are no longer offered for new orders; an erased row has lost all that is personal.
CREATE TABLE addresses (
	shopper_id TEXT NOT NULL,
	id TEXT NOT NULL,
	country TEXT NOT NULL,
	division TEXT NOT NULL,
	region_text TEXT NOT NULL,
	recipient TEXT NOT NULL,
	phone TEXT NOT NULL,
	street TEXT NOT NULL,
	postcode TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	forgotten BOOLEAN NOT NULL,
	erased BOOLEAN NOT NULL,
	PRIMARY KEY (shopper_id, id),
	CHECK (forgotten OR NOT erased),
	CHECK (erased OR (recipient <> '' AND phone <> '' AND street <> '')),
	CHECK (NOT erased OR (recipient = '' AND phone = '' AND street = '' AND postcode = '' AND region_text = ''))
) /*clustered*/;
