-- Where a shop sends its parcels from; a shop without a row sends from the market's own place.
CREATE TABLE ship_origins (
	shop_id TEXT NOT NULL PRIMARY KEY,
	country TEXT NOT NULL,
	division TEXT NOT NULL
) /*clustered*/;
-- Where shoppers can fetch parcels of a shop. A closed point is offered no more; parcels that wait there stay.
CREATE TABLE pickup_points (
	shop_id TEXT NOT NULL,
	code TEXT NOT NULL,
	name_zh TEXT NOT NULL CHECK (name_zh <> ''),
	name_en TEXT NOT NULL CHECK (name_en <> ''),
	address TEXT NOT NULL CHECK (address <> ''),
	open BOOLEAN NOT NULL,
	PRIMARY KEY (shop_id, code)
) /*clustered*/;
-- A parcel handed to a carrier: the goods of one suborder.
CREATE TABLE shipments (
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	id TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	carrier TEXT NOT NULL CHECK (carrier <> ''),
	tracking_no TEXT NOT NULL CHECK (tracking_no <> ''),
	point TEXT NOT NULL,
	pickup_code TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('booked', 'in_transit', 'delivered', 'returned')),
	booked_us BIGINT NOT NULL,
	delivered_us BIGINT NOT NULL,
	changed_us BIGINT NOT NULL,
	next_poll_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, seq),
	UNIQUE (carrier, tracking_no),
	CHECK ((point = '') = (pickup_code = '')),
	CHECK (state <> 'delivered' OR delivered_us > 0)
) /*clustered*/;
CREATE INDEX shipments_to_poll ON shipments (next_poll_us) WHERE next_poll_us > 0;
CREATE UNIQUE INDEX shipments_by_code ON shipments (shop_id, pickup_code) WHERE pickup_code <> '';
-- What carriers reported about parcels, each report once. Append-only; where a parcel stands follows from the set.
CREATE TABLE tracking_events (
	carrier TEXT NOT NULL,
	tracking_no TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	code BIGINT NOT NULL,
	place_zh TEXT NOT NULL,
	place_en TEXT NOT NULL,
	PRIMARY KEY (carrier, tracking_no, at_us, code, place_zh)
) /*clustered*/;
-- How many wrong pickup codes a shop was shown within a while, so that nobody tries them all.
CREATE TABLE pickup_guesses (
	shop_id TEXT NOT NULL PRIMARY KEY,
	since_us BIGINT NOT NULL,
	wrong BIGINT NOT NULL CHECK (wrong >= 0)
) /*clustered*/;
