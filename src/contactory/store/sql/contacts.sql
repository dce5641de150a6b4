-- name: find_email
-- Whose entry this is. One half for each of the two partial indexes.
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive
UNION ALL
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false LIMIT 1;

-- name: insert_email
-- A taken key, or a taken contact id, changes no row: the count of rows tells.
INSERT INTO contact_emails (site_id, contact_id, position, normalised, exclusive)
VALUES (:site_id, :contact_id, :position, :normalised, :exclusive)
ON CONFLICT DO NOTHING;

-- name: find_phone
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive
UNION ALL
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false LIMIT 1;

-- name: insert_phone
-- As insert_email.
INSERT INTO contact_phones (site_id, contact_id, position, normalised, exclusive)
VALUES (:site_id, :contact_id, :position, :normalised, :exclusive)
ON CONFLICT DO NOTHING;

-- name: insert_contact
INSERT INTO contacts (site_id, id, revision, created_at, updated_at, primary_email, document)
VALUES (:site_id, :id, :revision, :now, :now, :primary_email, :document)
ON CONFLICT (site_id, id) DO NOTHING;

-- name: get_contact
-- The document, and what is recorded of its primary e-mail since it was written.
SELECT c.document, s.subscription_status, s.deliverability_status
FROM contacts c
LEFT JOIN email_statuses s ON s.site_id = :site_id AND s.normalised = c.primary_email
WHERE c.site_id = :site_id AND c.id = :id;

-- name: check_contact_events
-- Every contact has the event of its creation.
SELECT 'contacts: ' || lower(hex(c.id)) || ' has no event of its creation' FROM contacts c
WHERE NOT EXISTS (
    SELECT 1 FROM outbox o
    WHERE o.site_id = c.site_id AND o.slug = 'created'
    AND o.entity_id = substr(lower(hex(c.id)), 1, 8) || '-' || substr(lower(hex(c.id)), 9, 4)
        || '-' || substr(lower(hex(c.id)), 13, 4) || '-' || substr(lower(hex(c.id)), 17, 4)
        || '-' || substr(lower(hex(c.id)), 21)
);

-- name: check_contact_entries
-- Every e-mail and phone that a contact shows is known to the duplicate guard, and no other.
SELECT 'contacts: ' || lower(hex(c.id)) || ' has other e-mails or phones than its keys say'
FROM contacts c
WHERE coalesce(json_array_length(c.document, '$.info.emails.items'), 0) <> (
    SELECT count(*) FROM contact_emails e WHERE e.site_id = c.site_id AND e.contact_id = c.id
) OR coalesce(json_array_length(c.document, '$.info.phones.items'), 0) <> (
    SELECT count(*) FROM contact_phones p WHERE p.site_id = c.site_id AND p.contact_id = c.id
);
