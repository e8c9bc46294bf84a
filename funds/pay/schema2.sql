-- The account that paid, as a keyed hash that cannot be turned back: what is limited to a person is counted by it. '' when
-- the wallet does not say, or the shopper was forgotten.
ALTER TABLE payment_facts ADD COLUMN payer TEXT NOT NULL DEFAULT '';
