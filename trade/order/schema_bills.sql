-- Orders that are paid together, by one payment: an ordinary one, whose id names the bill, and presales whose balance is
-- open. All become paid in one transaction or none; what ends one before that ends the bill. '' of an order that is paid
-- alone.
ALTER TABLE orders ADD COLUMN bill TEXT NOT NULL DEFAULT ''
	CHECK (bill = '' OR earnest = 0 AND bill = id OR earnest > 0 AND bill <> id);
CREATE INDEX orders_by_bill ON orders (bill) WHERE bill <> '';
