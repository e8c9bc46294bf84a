-- An erased shopper is a name without a person: orders and ledger go on with it, nobody logs in as it.
ALTER TABLE shoppers ADD COLUMN erased_us BIGINT NOT NULL DEFAULT 0;
