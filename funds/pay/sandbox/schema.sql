-- What the simulated wallets keep. Nothing of the market reads these tables; it asks the wallets.
CREATE TABLE sandbox_bills (
	wallet TEXT NOT NULL,
	bill_no TEXT NOT NULL,
	out_trade_no TEXT NOT NULL,
	order_ref TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	payee TEXT NOT NULL,
	account TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('unpaid', 'paid', 'closed')),
	txn TEXT NOT NULL,
	refunded BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL,
	paid_us BIGINT NOT NULL,
	notify_us BIGINT NOT NULL,
	notify_times BIGINT NOT NULL,
	notify_tries BIGINT NOT NULL,
	PRIMARY KEY (wallet, bill_no),
	UNIQUE (wallet, out_trade_no),
	CHECK (refunded >= 0 AND refunded <= amount),
	CHECK (refunded = 0 OR state = 'paid')
) /*clustered*/;
CREATE INDEX sandbox_bills_notify ON sandbox_bills (notify_us) WHERE notify_us > 0;
-- Money that the simulated wallets gave back; the merchant's refund number names it.
CREATE TABLE sandbox_refunds (
	wallet TEXT NOT NULL,
	out_refund_no TEXT NOT NULL,
	bill_no TEXT NOT NULL,
	txn TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state = 'done'),
	done_us BIGINT NOT NULL,
	PRIMARY KEY (wallet, out_refund_no)
) /*clustered*/;
