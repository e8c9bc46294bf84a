-- What a reward was: the vouchers that were given for a referral, each with what it is worth of the budget. given (the
-- shopper's); void (the order went back and it was unused: it is taken back, and its worth is in the budget again); lost
-- (the order went back and it was used: its worth stays taken, which the programme's funder bears; nobody owes it).
CREATE TABLE referral_gifts (
	voucher_id TEXT NOT NULL PRIMARY KEY,
	referral_id TEXT NOT NULL CHECK (referral_id <> ''),
	worth BIGINT NOT NULL CHECK (worth > 0),
	state TEXT NOT NULL CHECK (state IN ('given', 'void', 'lost')),
	closed_us BIGINT NOT NULL,
	CHECK ((closed_us > 0) = (state <> 'given'))
) /*clustered*/;
CREATE INDEX referral_gifts_by_referral ON referral_gifts (referral_id);
