-- One try to pay one order with one wallet. The row is there before the wallet is called (FAULTS R12).
-- captured and refunded are the guard against giving back more than came in (FAULTS M22).
CREATE TABLE attempts (
	id TEXT NOT NULL PRIMARY KEY,
	order_id TEXT NOT NULL,
	wallet TEXT NOT NULL,
	account TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed', 'cancelled', 'unknown')),
	provider_ref TEXT NOT NULL,
	provider_txn TEXT NOT NULL,
	qr TEXT NOT NULL,
	url TEXT NOT NULL,
	lines_hash TEXT NOT NULL,
	captured BIGINT NOT NULL CHECK (captured >= 0),
	refunded BIGINT NOT NULL,
	charged_back BIGINT NOT NULL CHECK (charged_back >= 0),
	polls BIGINT NOT NULL,
	next_poll_us BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL,
	CHECK (refunded >= 0 AND refunded <= captured)
) /*clustered*/;
CREATE INDEX attempts_order ON attempts (order_id);
CREATE INDEX attempts_poll ON attempts (next_poll_us) WHERE next_poll_us > 0;
-- Every movement of money that a wallet told of, once (FAULTS R9, R10, I-M8). Append-only but for its outcome.
CREATE TABLE payment_facts (
	provider TEXT NOT NULL,
	txn TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('capture', 'refund')),
	attempt_id TEXT NOT NULL,
	refund_id TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	account TEXT NOT NULL,
	outcome TEXT NOT NULL CHECK (outcome IN ('applied', 'refunded', 'suspense')),
	paid_us BIGINT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (provider, txn, kind)
) /*clustered*/;
-- Money on its way back. order_id and attempt_id are empty for money that never found its order.
CREATE TABLE refunds (
	id TEXT NOT NULL PRIMARY KEY,
	order_id TEXT NOT NULL,
	attempt_id TEXT NOT NULL,
	case_id TEXT NOT NULL,
	wallet TEXT NOT NULL,
	txn TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('asked', 'succeeded', 'refused')),
	tries BIGINT NOT NULL,
	next_try_us BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	done_us BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX refunds_order ON refunds (order_id);
CREATE UNIQUE INDEX refunds_case ON refunds (order_id, case_id, attempt_id) WHERE case_id <> '';
CREATE INDEX refunds_due ON refunds (next_try_us) WHERE next_try_us > 0;
-- Facts that matched nothing, until they are matched or given back (FAULTS R13, A8).
CREATE TABLE suspense (
	provider TEXT NOT NULL,
	txn TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('capture', 'refund')),
	attempt_id TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	account TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('open', 'matched', 'refunded')),
	refund_id TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	PRIMARY KEY (provider, txn, kind)
) /*clustered*/;
CREATE INDEX suspense_open ON suspense (at_us) WHERE state = 'open';
-- What a wallet said that contradicts what it said before; nothing is changed by it, an operator looks (FAULTS X12).
CREATE TABLE payment_breaks (
	provider TEXT NOT NULL,
	attempt_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (provider, attempt_id, reason)
) /*clustered*/;
