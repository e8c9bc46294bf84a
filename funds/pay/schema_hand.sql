-- One more state of refunds: 'by_hand', which its wallet would not pay and the operator sent from a bank. And what a case
-- is met by is as many parts as its wallet took money back. A check cannot be changed on both engines: the table is made anew.
CREATE TABLE refunds_handed (
	id TEXT NOT NULL PRIMARY KEY,
	order_id TEXT NOT NULL,
	attempt_id TEXT NOT NULL,
	case_id TEXT NOT NULL,
	wallet TEXT NOT NULL,
	txn TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('asked', 'succeeded', 'refused', 'taken', 'by_hand')),
	tries BIGINT NOT NULL,
	next_try_us BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	done_us BIGINT NOT NULL,
	extra BOOLEAN NOT NULL DEFAULT FALSE CHECK (NOT extra OR case_id <> ''),
	part BIGINT NOT NULL DEFAULT 0 CHECK (part >= 0)
) /*clustered*/;
INSERT INTO refunds_handed (id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason, state, tries,
	next_try_us, created_us, done_us, extra, part) SELECT id, order_id, attempt_id, case_id, wallet, txn, amount, currency,
	reason, state, tries, next_try_us, created_us, done_us, extra, part FROM refunds;
DROP TABLE refunds;
ALTER TABLE refunds_handed RENAME TO refunds;
CREATE INDEX refunds_order ON refunds (order_id);
CREATE UNIQUE INDEX refunds_case ON refunds (order_id, case_id, attempt_id, part) WHERE case_id <> '';
CREATE INDEX refunds_due ON refunds (next_try_us) WHERE next_try_us > 0;
CREATE INDEX refunds_refused ON refunds (created_us) WHERE state = 'refused';
-- What the operator sent from a bank in place of a wallet, once for each refund; the bank's reference is of one transfer.
-- confirmed_by and request_id are of what took two people, else ''. Append-only.
CREATE TABLE refunds_by_hand (
	refund_id TEXT NOT NULL PRIMARY KEY,
	ref TEXT NOT NULL UNIQUE CHECK (ref <> ''),
	why TEXT NOT NULL CHECK (why <> ''),
	by_login TEXT NOT NULL,
	confirmed_by TEXT NOT NULL,
	request_id TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	ledger_seq BIGINT NOT NULL CHECK (ledger_seq > 0),
	CHECK ((confirmed_by = '') = (request_id = '')),
	CHECK (confirmed_by = '' OR confirmed_by <> by_login)
) /*clustered*/;
