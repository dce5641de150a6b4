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
