-- name: get_email_status
SELECT subscription_status, deliverability_status FROM email_statuses
WHERE site_id = :site_id AND normalised = :normalised;

-- name: record_email_status
INSERT INTO email_statuses
    (site_id, normalised, subscription_status, deliverability_status, updated_at)
VALUES (:site_id, :normalised, :subscription_status, :deliverability_status, :updated_at)
ON CONFLICT (site_id, normalised) DO UPDATE SET
    subscription_status = excluded.subscription_status,
    deliverability_status = excluded.deliverability_status,
    updated_at = excluded.updated_at;

-- name: list_contacts_of_email
SELECT c.id FROM contacts c WHERE c.site_id = :site_id AND c.email_key = :normalised;

-- name: update_effective_email
UPDATE contacts SET effective_email = :effective_email
WHERE site_id = :site_id AND email_key = :normalised;
