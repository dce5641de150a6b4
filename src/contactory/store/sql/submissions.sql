-- name: find_email_holder
-- The oldest contact that has the e-mail. One half for each of the two partial indexes.
SELECT e.contact_id FROM contact_emails e
WHERE e.site_id = :site_id AND e.normalised = :normalised AND e.exclusive
UNION ALL
SELECT f.contact_id FROM contact_emails f
WHERE f.site_id = :site_id AND f.normalised = :normalised AND f.exclusive = false
ORDER BY 1 LIMIT 1;

-- name: find_phone_holder
SELECT e.contact_id FROM contact_phones e
WHERE e.site_id = :site_id AND e.normalised = :normalised AND e.exclusive
UNION ALL
SELECT f.contact_id FROM contact_phones f
WHERE f.site_id = :site_id AND f.normalised = :normalised AND f.exclusive = false
ORDER BY 1 LIMIT 1;
