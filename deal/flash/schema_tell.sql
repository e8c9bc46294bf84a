-- Who entered a drawn lottery is told in batches, winners first: whose turn it is ('' is nobody's), and the name of the
-- last of them that was told. Draws of before are not told of.
ALTER TABLE lotteries ADD COLUMN telling TEXT NOT NULL DEFAULT '' CHECK (telling IN ('', 'winners', 'others'));
ALTER TABLE lotteries ADD COLUMN told TEXT NOT NULL DEFAULT '';
