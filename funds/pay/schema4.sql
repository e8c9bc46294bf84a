-- What wallets would not pay out, for whoever clears it with them.
CREATE INDEX refunds_refused ON refunds (created_us) WHERE state = 'refused';
