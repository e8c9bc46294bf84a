-- What others than the shop gave back of a claim, by party: [[party, amount], ...]; '' is nothing.
ALTER TABLE guarantee_claims ADD COLUMN funding TEXT NOT NULL DEFAULT '';
