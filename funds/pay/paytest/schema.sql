CREATE TABLE till_orders (
	id TEXT NOT NULL PRIMARY KEY,
	amount BIGINT NOT NULL,
	currency TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'paid', 'cancelled')),
	restock BOOLEAN NOT NULL,
	poison BOOLEAN NOT NULL,
	attempt_id TEXT NOT NULL,
	expires_us BIGINT NOT NULL
) /*clustered*/;
