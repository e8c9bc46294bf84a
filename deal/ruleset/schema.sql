-- Every set of promotions that was ever in force, under a number that is given once: an order names the one that it was
-- priced under. The body lists which promotion stood in it in which version; what a version says is kept by its room.
CREATE TABLE rule_sets (
	version BIGINT NOT NULL PRIMARY KEY CHECK (version > 0),
	hash TEXT NOT NULL UNIQUE,
	body TEXT NOT NULL,
	at_us BIGINT NOT NULL
) /*clustered*/;
