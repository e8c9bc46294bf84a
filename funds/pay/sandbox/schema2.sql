-- The shopper's account at the wallet that paid a bill.
ALTER TABLE sandbox_bills ADD COLUMN payer TEXT NOT NULL DEFAULT '';
