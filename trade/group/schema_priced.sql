-- Prices for groups that were set before the record named them stand in it now.
INSERT INTO audit_entries (id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after, request_id,
		network)
	SELECT 'aud_' || SUBSTR(id, 5), created_us, 'system', '', shop_id, 'group_offer.priced', id, '{}', '{}', '', ''
	FROM group_offers;
