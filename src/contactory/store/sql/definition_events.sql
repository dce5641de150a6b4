-- name: last_event_sequence
-- Whoever deletes events keeps the last one of each label and field, so that the next counts on.
SELECT coalesce(max(entity_sequence), 0) FROM outbox
WHERE site_id = :site_id AND entity_id = :entity_id AND entity_fqdn = :entity_fqdn;
