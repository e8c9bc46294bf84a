-- Where a shop's score comes from, in the operator's words. The deposit column is of markets that keep no deposits in their
-- books.
ALTER TABLE shop_standings ADD COLUMN source TEXT NOT NULL DEFAULT '';
