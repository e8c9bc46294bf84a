-- Places of a Juhuasuan sale that the operator sells: how many offers of a category (with everything below it; '' is any)
-- take part in one wave, and what a place costs. What was published does not change; it can be called off.
CREATE TABLE place_openings (
	id TEXT NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL CHECK (version > 0),
	campaign_id TEXT NOT NULL,
	wave BIGINT NOT NULL CHECK (wave > 0),
	category TEXT NOT NULL,
	places BIGINT NOT NULL CHECK (places > 0),
	taken BIGINT NOT NULL CHECK (taken >= 0),
	currency TEXT NOT NULL,
	fee BIGINT NOT NULL CHECK (fee > 0),
	terms TEXT NOT NULL CHECK (terms IN ('guarantee', 'fixed')),
	commission_ppm BIGINT NOT NULL CHECK (commission_ppm >= 0 AND commission_ppm <= 1000000),
	pay_by_us BIGINT NOT NULL,
	ship_hours BIGINT NOT NULL CHECK (ship_hours > 0),
	state TEXT NOT NULL CHECK (state IN ('open', 'called_off')),
	created_by TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	CONSTRAINT never_sold_twice CHECK (taken <= places)
) /*clustered*/;
CREATE INDEX place_openings_of ON place_openings (campaign_id, wave, id);
-- A shop's bid for a place, with one of its enrolments. A place is taken in the transaction that books its fee: the charge of
-- the bid's own id. What it comes to is the commission of what was sold from the enrolment's pool, charged once under the id
-- with ".commission" behind it, as the books were at settled_seq.
CREATE TABLE place_bids (
	id TEXT NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL CHECK (version > 0),
	opening_id TEXT NOT NULL,
	enrolment_id TEXT NOT NULL,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	state TEXT NOT NULL CHECK (state IN ('applied', 'shortlisted', 'refused', 'withdrawn', 'paid', 'settled', 'called_off',
		'forfeited')),
	note TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL CHECK (until_us > from_us),
	applied_us BIGINT NOT NULL,
	paid_us BIGINT NOT NULL CHECK (paid_us >= 0),
	ended_us BIGINT NOT NULL CHECK (ended_us >= 0),
	look_us BIGINT NOT NULL,
	sold BIGINT NOT NULL CHECK (sold >= 0),
	commission BIGINT NOT NULL CHECK (commission >= 0 AND commission <= sold),
	charged BIGINT NOT NULL CHECK (charged >= 0 AND charged <= commission),
	settled_seq BIGINT NOT NULL CHECK (settled_seq >= 0),
	CONSTRAINT paid_for_its_place CHECK (state NOT IN ('paid', 'settled', 'forfeited') OR paid_us > 0),
	CHECK (state NOT IN ('applied', 'shortlisted', 'refused', 'withdrawn') OR paid_us = 0),
	CHECK ((ended_us > 0) = (state IN ('refused', 'withdrawn', 'settled', 'called_off', 'forfeited'))),
	CHECK (state = 'settled' OR sold = 0 AND settled_seq = 0)
) /*clustered*/;
-- An enrolment bids for one place at a time.
CREATE UNIQUE INDEX place_bids_open ON place_bids (enrolment_id) WHERE state IN ('applied', 'shortlisted', 'paid', 'settled');
CREATE INDEX place_bids_of ON place_bids (opening_id, id);
CREATE INDEX place_bids_by_shop ON place_bids (shop_id, id);
CREATE INDEX place_bids_to_settle ON place_bids (look_us) WHERE state = 'paid';
