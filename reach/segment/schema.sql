-- A saved set of shoppers: body says by which rules, people who was named. Neither changes; what closes has no members.
-- members is how many there were when they were last counted, counting and next are how far the count that runs has come.
CREATE TABLE segments (
	id TEXT NOT NULL PRIMARY KEY,
	body TEXT NOT NULL,
	open BOOLEAN NOT NULL,
	made_by TEXT NOT NULL,
	made_us BIGINT NOT NULL,
	members BIGINT NOT NULL CHECK (members >= 0),
	counted_us BIGINT NOT NULL,
	counting BIGINT NOT NULL CHECK (counting >= 0),
	next TEXT NOT NULL
) /*clustered*/;
-- Shoppers who are in a set because somebody named them.
CREATE TABLE segment_people (
	segment_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	PRIMARY KEY (segment_id, shopper_id)
) /*clustered*/;
CREATE INDEX segment_people_by_shopper ON segment_people (shopper_id);
