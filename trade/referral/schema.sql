-- What inviting a friend brings: the terms never change, the state does. budget is what all rewards together may be
-- worth, reward what one invitation brings to both; both in minor units. return_us is how long after it completed an
-- order must have stood.
CREATE TABLE referral_programmes (
	id TEXT NOT NULL PRIMARY KEY,
	state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'stopped')),
	body TEXT NOT NULL,
	budget BIGINT NOT NULL CHECK (budget > 0),
	reward BIGINT NOT NULL CHECK (reward > 0 AND reward <= budget),
	return_us BIGINT NOT NULL CHECK (return_us > 0),
	made_by TEXT NOT NULL,
	made_us BIGINT NOT NULL,
	opened_us BIGINT NOT NULL,
	stopped_us BIGINT NOT NULL
) /*clustered*/;
-- One is open at a time: a link leads to one promise.
CREATE UNIQUE INDEX referral_programmes_open ON referral_programmes (state) WHERE state = 'open';
-- What a shopper's link ends in.
CREATE TABLE referral_codes (
	shopper_id TEXT NOT NULL PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	made_us BIGINT NOT NULL
) /*clustered*/;
-- Who was invited by whom, once for ever: bound (the invited one buys), pending (time passes), rewarded,
-- refused (why). order_id is the one order that it is credited with, amount what was kept back of the budget
-- for it, tries how often its reward could not be given.
CREATE TABLE referrals (
	id TEXT NOT NULL PRIMARY KEY,
	programme_id TEXT NOT NULL,
	inviter_id TEXT NOT NULL,
	invitee_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('bound', 'pending', 'rewarded', 'refused')),
	order_id TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount >= 0),
	why TEXT NOT NULL,
	bound_us BIGINT NOT NULL,
	due_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	tries BIGINT NOT NULL CHECK (tries >= 0),
	CHECK ((state = 'refused') = (why <> '')),
	CHECK (state IN ('bound', 'refused') OR order_id <> '' AND amount > 0),
	CHECK ((closed_us > 0) = (state IN ('rewarded', 'refused')))
) /*clustered*/;
CREATE UNIQUE INDEX referrals_by_invitee ON referrals (invitee_id);
CREATE UNIQUE INDEX referrals_by_order ON referrals (order_id) WHERE order_id <> '';
CREATE INDEX referrals_by_inviter ON referrals (inviter_id, id);
CREATE INDEX referrals_by_programme ON referrals (programme_id, state);
CREATE INDEX referrals_due ON referrals (due_us) WHERE state = 'pending';
-- What tells that two shoppers are one person: keyed hashes that cannot be turned back. Forgotten with the shopper.
CREATE TABLE referral_marks (
	mark TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	PRIMARY KEY (mark, shopper_id)
) /*clustered*/;
CREATE INDEX referral_marks_by_shopper ON referral_marks (shopper_id);
