-- Counts of the contacts c that a plan finds, in groups.

-- name: count_groups
SELECT c.email_key < {missing}, s.subscription_status, s.deliverability_status,
    c.member_id IS NOT NULL, count(*)
FROM {source}
LEFT JOIN email_statuses s ON s.site_id = :site_id AND s.normalised = c.email_key
WHERE c.site_id = :site_id AND {where}
GROUP BY 1, 2, 3, 4;

-- name: count_labelled
SELECT l.label_key, count(*) FROM contact_labels l
WHERE l.site_id = :site_id AND l.contact_id IN (
    SELECT c.id FROM {source} WHERE c.site_id = :site_id AND {where}
)
GROUP BY l.label_key;
