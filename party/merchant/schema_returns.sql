-- Where a shop wants goods back: a person and a door. It is shown to the shop's own staff, the operator, and to shoppers
-- whose goods the shop agreed to take back. since_us is when the shop first said it, changed_us when it last did.
CREATE TABLE shop_returns (
	shop_id TEXT NOT NULL PRIMARY KEY,
	country TEXT NOT NULL CHECK (country <> ''),
	division TEXT NOT NULL,
	region_text TEXT NOT NULL,
	recipient TEXT NOT NULL CHECK (recipient <> ''),
	phone TEXT NOT NULL CHECK (phone <> ''),
	street TEXT NOT NULL CHECK (street <> ''),
	postcode TEXT NOT NULL,
	since_us BIGINT NOT NULL,
	changed_us BIGINT NOT NULL CHECK (changed_us >= since_us)
) /*clustered*/;
