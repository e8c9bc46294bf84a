-- Who enrols waits for what the same shop enrols at that moment: its row is held meanwhile. How many times is no matter.
CREATE TABLE enrolment_turns (
	shop_id TEXT NOT NULL PRIMARY KEY,
	turns BIGINT NOT NULL CHECK (turns > 0)
) /*clustered*/;
