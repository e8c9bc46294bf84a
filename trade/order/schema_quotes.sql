-- The quote that an order was placed by: placing it again finds the order. The order's own name is drawn when it is placed,
-- so that new rows land at the right edge of their tables, however long ago they were quoted. Orders from before that
-- have the name of their quote.
ALTER TABLE orders ADD COLUMN quote TEXT NOT NULL DEFAULT '';
UPDATE orders SET quote = 'quo_' || SUBSTR(id, 5);
CREATE UNIQUE INDEX orders_by_quote ON orders (quote) WHERE quote <> '';
