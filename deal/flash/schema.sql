-- Shoppers who will come for an item. Entered_as is the shopper when the appointment was made, by whose name lots are
-- drawn; shopper_id whoever they are now.
CREATE TABLE appointments (
	item_id TEXT NOT NULL,
	entered_as TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	won BOOLEAN NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (item_id, entered_as)
) /*clustered*/;
CREATE INDEX appointments_by_shopper ON appointments (shopper_id, item_id);
-- The draw of an item's lots. The seed is written when it is drawn, the commitment before.
CREATE TABLE lotteries (
	item_id TEXT NOT NULL PRIMARY KEY,
	commitment TEXT NOT NULL CHECK (commitment <> ''),
	lots BIGINT NOT NULL CHECK (lots >= 0),
	closes_us BIGINT NOT NULL,
	drawn_us BIGINT NOT NULL,
	seed TEXT NOT NULL,
	entrants BIGINT NOT NULL CHECK (entrants >= 0),
	last_rank TEXT NOT NULL,
	CONSTRAINT seed_after_draw CHECK ((drawn_us = 0) = (seed = ''))
) /*clustered*/;
