-- Orders that are paid together: each has an attempt of its own, a part of one bill. The wallet knows the bill by the name
-- of its first part and is asked for whole, which every part repeats; '' and 0 of an attempt that is paid alone. A capture
-- of the bill is one of each part, all taken or none.
ALTER TABLE attempts ADD COLUMN bill TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN whole BIGINT NOT NULL DEFAULT 0
	CHECK (bill = '' AND whole = 0 OR bill <> '' AND whole > amount);
CREATE INDEX attempts_bill ON attempts (bill) WHERE bill <> '';
