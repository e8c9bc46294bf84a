-- What a wallet took back by itself, as after a shopper's dispute with their bank, answers refunds that are asked for
-- afterwards: met is how much of charged_back did. Of a bill both are of its one payment, and every part repeats them.
ALTER TABLE attempts ADD COLUMN met BIGINT NOT NULL DEFAULT 0 CHECK (met >= 0 AND met <= charged_back);
-- One more state of refunds: 'taken', which the wallet had taken back already, so that nothing is sent. Of a case that was
-- met in part, part 0 is sent and part 1 was taken. A check cannot be changed on both engines, so the table is made anew.
CREATE TABLE refunds_anew (
	id TEXT NOT NULL PRIMARY KEY,
	order_id TEXT NOT NULL,
	attempt_id TEXT NOT NULL,
	case_id TEXT NOT NULL,
	wallet TEXT NOT NULL,
	txn TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('asked', 'succeeded', 'refused', 'taken')),
	tries BIGINT NOT NULL,
	next_try_us BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	done_us BIGINT NOT NULL,
	extra BOOLEAN NOT NULL DEFAULT FALSE CHECK (NOT extra OR case_id <> ''),
	part BIGINT NOT NULL DEFAULT 0 CHECK (part IN (0, 1))
) /*clustered*/;
INSERT INTO refunds_anew (id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason, state, tries,
	next_try_us, created_us, done_us, extra) SELECT id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason,
	state, tries, next_try_us, created_us, done_us, extra FROM refunds;
DROP TABLE refunds;
ALTER TABLE refunds_anew RENAME TO refunds;
CREATE INDEX refunds_order ON refunds (order_id);
CREATE UNIQUE INDEX refunds_case ON refunds (order_id, case_id, attempt_id, part) WHERE case_id <> '';
CREATE INDEX refunds_due ON refunds (next_try_us) WHERE next_try_us > 0;
CREATE INDEX refunds_refused ON refunds (created_us) WHERE state = 'refused';
