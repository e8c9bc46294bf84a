-- One count that is never passed: a voucher's uses, a budget, what one shopper may buy, the places of a group. It is
-- made when it is first used, or before. A closed one gives nothing more, and takes back.
CREATE TABLE quotas (
	quota TEXT NOT NULL PRIMARY KEY,
	cap BIGINT NOT NULL CHECK (cap >= 0),
	used BIGINT NOT NULL CHECK (used >= 0),
	open BOOLEAN NOT NULL,
	CONSTRAINT never_passed CHECK (used <= cap)
) /*clustered*/;
-- What one order takes of quotas, however many they are, as compact JSON: [[quota, amount], ...]. What is released has
-- gone back, and stays written so that a payment which comes late can take it again.
CREATE TABLE quota_uses (
	order_id TEXT NOT NULL PRIMARY KEY,
	uses TEXT NOT NULL,
	released BOOLEAN NOT NULL
) /*clustered*/;
