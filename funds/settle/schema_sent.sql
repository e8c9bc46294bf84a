-- Of what a statement owes, what was paid out so far: at most what the books owed the shop by then, after later refunds
-- and charges. It is paid out (paid_out_us) once this is all of it.
ALTER TABLE statements ADD COLUMN sent BIGINT NOT NULL DEFAULT 0 CHECK (sent >= 0 AND (sent = 0 OR sent <= due));
UPDATE statements SET sent = due WHERE paid_out_us > 0;
