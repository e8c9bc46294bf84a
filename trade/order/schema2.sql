-- What a line was sold under: which version of the market's rules, what each promotion took off and who pays for it (a
-- list, see Discount), and how much of that others than the line's shop pay, less what refunds gave back to them.
ALTER TABLE orders ADD COLUMN rules BIGINT NOT NULL DEFAULT 0 CHECK (rules >= 0);
ALTER TABLE order_lines ADD COLUMN discounts TEXT NOT NULL DEFAULT '' CHECK ((discounts = '') = (discount = 0));
ALTER TABLE order_lines ADD COLUMN funded BIGINT NOT NULL DEFAULT 0 CHECK (funded >= 0 AND funded <= discount);
ALTER TABLE order_lines ADD COLUMN funded_back BIGINT NOT NULL DEFAULT 0
	CHECK (funded_back >= 0 AND funded_back <= funded);
