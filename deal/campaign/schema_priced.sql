-- Prices that shops bound themselves to before the record named them stand in it now, as they are.
INSERT INTO audit_entries (id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after, request_id,
		network)
	SELECT 'aud_' || SUBSTR(id, 5), applied_us, 'system', '', shop_id, 'enrolment.priced', id, '{}',
		'{"price":"' || CAST(price AS TEXT) || '","quantity":"' || CAST(quantity AS TEXT) || '"}', '', '' FROM enrolments;
