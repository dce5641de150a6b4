-- name: put_delivery
-- What was given up while it was tried stays so, unless it was received.
INSERT INTO deliveries (
    site_id, subscription_id, position, event_id, entity, event_type, state, attempts, due_at,
    tried_at, status, reason, duration_ms
)
VALUES (
    :site_id, :subscription_id, :position, :event_id, :entity, :event_type, :state, :attempts,
    :due_at, :tried_at, :status, :reason, :duration_ms
)
ON CONFLICT (site_id, subscription_id, position) DO UPDATE SET
    state = CASE WHEN deliveries.state = 'DROPPED' AND excluded.state <> 'DELIVERED'
        THEN 'DROPPED' ELSE excluded.state END,
    due_at = CASE WHEN deliveries.state = 'DROPPED' THEN NULL ELSE excluded.due_at END,
    attempts = excluded.attempts, tried_at = excluded.tried_at, status = excluded.status,
    reason = excluded.reason, duration_ms = excluded.duration_ms;

-- name: put_behind
-- An event whose entity waits with an earlier one.
INSERT INTO deliveries (
    site_id, subscription_id, position, event_id, entity, event_type, state, attempts, due_at,
    tried_at, status, reason, duration_ms
)
VALUES (
    :site_id, :subscription_id, :position, :event_id, :entity, :event_type, 'WAITING', 0,
    :due_at, NULL, NULL, '', 0
)
ON CONFLICT (site_id, subscription_id, position) DO UPDATE SET
    state = 'WAITING', due_at = excluded.due_at,
    attempts = CASE WHEN deliveries.state = 'WAITING' THEN deliveries.attempts ELSE 0 END;

-- name: defer_entity
-- All that waits of an entity waits for its first.
UPDATE deliveries /* sqlite: INDEXED BY deliveries_waiting */ SET due_at = :due_at
WHERE site_id = :site_id AND subscription_id = :subscription_id AND entity = :entity
    AND due_at IS NOT NULL;

-- name: waiting_entities
SELECT d.entity, min(d.due_at) FROM deliveries d
WHERE d.site_id = :site_id AND d.subscription_id = :subscription_id AND d.due_at IS NOT NULL
GROUP BY d.entity;

-- name: due_deliveries
-- Events of one entity are due at one moment: of those, none is left out before a later one.
SELECT due.position, due.attempts, o.id, o.entity_fqdn, o.slug, o.entity_id, o.entity_sequence,
    o.created_at, o.identity, o.body
FROM (
    SELECT w.position, w.attempts, w.event_id FROM deliveries w
    WHERE w.site_id = :site_id AND w.subscription_id = :subscription_id AND w.due_at <= :now
    ORDER BY w.due_at, w.position LIMIT 1000
) due
JOIN outbox o ON o.site_id = :site_id AND o.id = due.event_id
ORDER BY due.position LIMIT :most;

-- name: count_waiting
SELECT count(*) FROM deliveries d
WHERE d.site_id = :site_id AND d.subscription_id = :subscription_id AND d.due_at IS NOT NULL;

-- name: list_deliveries
SELECT position, event_id, entity, event_type, state, attempts, due_at, tried_at, status, reason,
    duration_ms
FROM deliveries
WHERE site_id = :site_id AND subscription_id = :subscription_id AND position < :position
ORDER BY position DESC LIMIT :most;

-- name: list_deliveries_in_state
SELECT position, event_id, entity, event_type, state, attempts, due_at, tried_at, status, reason,
    duration_ms
FROM deliveries /* sqlite: INDEXED BY deliveries_state */
WHERE site_id = :site_id AND subscription_id = :subscription_id AND state = :state
    AND position < :position
ORDER BY position DESC LIMIT :most;

-- name: get_delivery
SELECT position, event_id, entity, event_type, state, attempts, due_at, tried_at, status, reason,
    duration_ms
FROM deliveries
WHERE site_id = :site_id AND subscription_id = :subscription_id AND position = :position;

-- name: retry_delivery
UPDATE deliveries SET state = 'WAITING', attempts = 0, due_at = :now
WHERE site_id = :site_id AND subscription_id = :subscription_id AND position = :position;

-- name: retry_state
UPDATE deliveries /* sqlite: INDEXED BY deliveries_state */
SET state = 'WAITING', attempts = 0, due_at = :now
WHERE site_id = :site_id AND subscription_id = :subscription_id AND state = :state;

-- name: retry_waiting
UPDATE deliveries /* sqlite: INDEXED BY deliveries_due */ SET due_at = :now
WHERE site_id = :site_id AND subscription_id = :subscription_id AND due_at IS NOT NULL;

-- name: drop_delivery
UPDATE deliveries SET state = 'DROPPED', due_at = NULL
WHERE site_id = :site_id AND subscription_id = :subscription_id AND position = :position
    AND state <> 'DELIVERED';

-- name: forget_deliveries
DELETE FROM deliveries
WHERE site_id = :site_id AND subscription_id = :subscription_id AND position IN (
    SELECT d.position FROM deliveries d
    WHERE d.site_id = :site_id AND d.subscription_id = :subscription_id
    AND d.tried_at < :before AND d.state IN ('DELIVERED', 'DROPPED')
    ORDER BY d.position LIMIT :most
);
