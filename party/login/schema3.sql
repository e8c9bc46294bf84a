-- Whoever was made staff before that was written down stands in the record now, with the role that they had at first.
-- The entry has the login's own place in time.
INSERT INTO audit_entries (id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after, request_id,
		network)
	SELECT 'aud_' || SUBSTR(l.id, 5), l.created_us, 'system', '', l.shop_id, 'staff.made', l.id, '{}',
		COALESCE((SELECT e.facts_before FROM audit_entries e WHERE e.id = (SELECT MIN(f.id) FROM audit_entries f
			WHERE f.subject = l.id AND f.subject <> '' AND f.what = 'staff.role_changed')),
			'{"role":"' || l.staff_role || '"}'), '', ''
	FROM logins l WHERE l.role <> 'shopper' AND NOT EXISTS (SELECT 1 FROM audit_entries e
		WHERE e.subject = l.id AND e.subject <> '' AND e.what = 'staff.joined');
