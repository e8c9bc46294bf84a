-- What of a claim is no sale: the earnest of a presale that the shopper lost ('forfeit'), or that the shop has to give
-- once more because it did not deliver ('default'). No fee is taken of it.
ALTER TABLE claim_lines ADD COLUMN what TEXT NOT NULL DEFAULT ''
	CHECK (what IN ('', 'forfeit', 'default') AND (what = '' OR fee = 0));
