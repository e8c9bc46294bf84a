-- What each price and floor comes from: the entry of the audit log that says who set it, or the import that brought it;
-- 'before' of what is older than that was kept. A column without a default cannot be added on both engines, so the tables
-- are made anew.
CREATE TABLE price_history_anew (
	offer_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	unit_price BIGINT NOT NULL CHECK (unit_price > 0),
	list_price BIGINT NOT NULL CHECK (list_price >= 0),
	from_us BIGINT NOT NULL,
	cause TEXT NOT NULL CHECK (cause <> ''),
	PRIMARY KEY (offer_id, version)
) /*clustered*/;
INSERT INTO price_history_anew (offer_id, version, unit_price, list_price, from_us, cause)
	SELECT offer_id, version, unit_price, list_price, from_us, 'before' FROM price_history;
DROP TABLE price_history;
ALTER TABLE price_history_anew RENAME TO price_history;
CREATE TABLE floor_history_anew (
	offer_id TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	floor_price BIGINT NOT NULL CHECK (floor_price >= 0),
	cause TEXT NOT NULL CHECK (cause <> ''),
	PRIMARY KEY (offer_id, from_us)
) /*clustered*/;
INSERT INTO floor_history_anew (offer_id, from_us, floor_price, cause)
	SELECT offer_id, from_us, floor_price, 'before' FROM floor_history;
DROP TABLE floor_history;
ALTER TABLE floor_history_anew RENAME TO floor_history;
