-- What an enrolment cost at the lock, where its price fell since; 0: it did not, or fell before this was kept.
ALTER TABLE enrolments ADD COLUMN fell_from BIGINT NOT NULL DEFAULT 0 CHECK (fell_from = 0 OR fell_from > price);
