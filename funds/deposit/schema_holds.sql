-- A shop's deposit beside its money, which the books have: what the operator asks of it, and how much is held by open
-- rows of deposit_holds. Whoever changes holds or pays out locks this row first.
CREATE TABLE deposit_shops (
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	currency TEXT NOT NULL,
	required BIGINT NOT NULL CHECK (required >= 0),
	held BIGINT NOT NULL CHECK (held >= 0),
	PRIMARY KEY (shop_id, currency)
) /*clustered*/;
-- A part of a deposit that cannot be paid out. frozen (a matter is open: case_id, or the operator's reason), announced
-- (the operator means to draw on it for the market or for the shopper of an order; the shop may appeal until until_us),
-- appealed (another person answers), drawn (booked as ledger_seq), released (nobody holds it any more).
CREATE TABLE deposit_holds (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	state TEXT NOT NULL CHECK (state IN ('frozen', 'announced', 'appealed', 'drawn', 'released')),
	payee TEXT NOT NULL CHECK (payee IN ('', 'market', 'shopper')),
	case_id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	request_id TEXT NOT NULL,
	why TEXT NOT NULL CHECK (why <> ''),
	appeal TEXT NOT NULL,
	answer TEXT NOT NULL,
	by_login TEXT NOT NULL,
	answered_by TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	ledger_seq BIGINT NOT NULL,
	CHECK ((payee = 'shopper') = (order_id <> '')),
	CHECK (state NOT IN ('announced', 'appealed', 'drawn') OR payee <> '' AND until_us > at_us),
	CHECK ((state IN ('drawn', 'released')) = (closed_us > 0)),
	CHECK ((state = 'drawn') = (ledger_seq > 0))
) /*clustered*/;
CREATE INDEX deposit_holds_by_shop ON deposit_holds (shop_id, currency, id);
CREATE INDEX deposit_holds_due ON deposit_holds (until_us) WHERE state = 'announced';
CREATE INDEX deposit_holds_by_case ON deposit_holds (case_id) WHERE state = 'frozen' AND case_id <> '';
