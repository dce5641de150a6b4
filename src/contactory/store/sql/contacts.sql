-- name: find_email
-- Whose entry this is. One half for each of the two partial indexes.
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive
UNION ALL
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false LIMIT 1;

-- name: insert_email
INSERT INTO contact_emails (site_id, contact_id, position, normalised, exclusive)
VALUES (:site_id, :contact_id, :position, :normalised, :exclusive)
ON CONFLICT (site_id, normalised) WHERE exclusive DO NOTHING;

-- name: find_phone
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive
UNION ALL
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false LIMIT 1;

-- name: insert_phone
INSERT INTO contact_phones (site_id, contact_id, position, normalised, exclusive)
VALUES (:site_id, :contact_id, :position, :normalised, :exclusive)
ON CONFLICT (site_id, normalised) WHERE exclusive DO NOTHING;

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
SELECT 'contacts: a contact has no created event' FROM contacts c
WHERE NOT EXISTS (
    SELECT 1 FROM outbox o
    WHERE o.site_id = c.site_id AND o.entity_id = lower(substr(hex(c.id),1,8)||'-'||substr(hex(c.id),9,4)||'-'||substr(hex(c.id),13,4)||'-'||substr(hex(c.id),17,4)||'-'||substr(hex(c.id),21)) AND o.slug = 'created'
);
