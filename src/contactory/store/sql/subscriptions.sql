-- name: insert_subscription
INSERT INTO subscriptions (
    site_id, id, kind, target, app_id, event_types, position, created_at
)
VALUES (
    :site_id, :id, :kind, :target, :app_id, :event_types, :position, :now
)
ON CONFLICT (site_id, id) DO NOTHING;

-- name: get_subscription
SELECT id, kind, target, app_id, event_types, position, created_at, failing_since, paused_at,
    pause_reason
FROM subscriptions WHERE site_id = :site_id AND id = :id;

-- name: list_subscriptions
SELECT id, kind, target, app_id, event_types, position, created_at, failing_since, paused_at,
    pause_reason
FROM subscriptions WHERE site_id = :site_id AND kind = :kind ORDER BY created_at, id;

-- name: change_subscription
UPDATE subscriptions SET target = :target, event_types = :event_types
WHERE site_id = :site_id AND id = :id;

-- name: delete_subscription
-- Its deliveries go with it.
DELETE FROM subscriptions WHERE site_id = :site_id AND id = :id AND kind = :kind;

-- name: pause_subscription
UPDATE subscriptions SET paused_at = :now, pause_reason = :reason
WHERE site_id = :site_id AND id = :id AND paused_at IS NULL;

-- name: resume_subscription
UPDATE subscriptions SET paused_at = NULL, pause_reason = NULL, failing_since = NULL
WHERE site_id = :site_id AND id = :id;

-- name: subscriptions_with_work
-- Looks across sites: whoever delivers serves them all. It takes no locks.
SELECT s.site_id, s.id, s.kind, s.target, s.app_id, s.event_types, s.position, s.created_at,
    s.failing_since, s.paused_at, s.pause_reason
FROM subscriptions s
WHERE s.kind = :kind AND s.paused_at IS NULL AND s.leased_until <= :now AND (
    EXISTS (
        SELECT 1 FROM outbox o WHERE o.site_id = s.site_id AND o.position > s.position
    ) OR EXISTS (
        SELECT 1 FROM deliveries d WHERE d.site_id = s.site_id AND d.subscription_id = s.id
        AND d.due_at <= :now
    )
);

-- name: lease_subscription
-- Whoever has the lease is the only one to deliver: also the order of an entity hangs on it.
UPDATE subscriptions SET leased_by = :worker, leased_until = :until
WHERE site_id = :site_id AND id = :id AND paused_at IS NULL
    AND (leased_by = :worker OR leased_until <= :now);

-- name: end_lease
UPDATE subscriptions SET leased_until = 0
WHERE site_id = :site_id AND id = :id AND leased_by = :worker;

-- name: advance_subscription
-- Whoever asked for older events again meanwhile has set it back.
UPDATE subscriptions SET failing_since = :failing_since, leased_until = :until,
    position = CASE WHEN position = :read_position THEN :position ELSE position END
WHERE site_id = :site_id AND id = :id AND leased_by = :worker;

-- name: set_back_subscription
UPDATE subscriptions SET position = :position
WHERE site_id = :site_id AND id = :id AND position > :position;

-- name: handlers_known
-- Looks across sites: since when each handler is known anywhere. It takes no locks.
SELECT target, min(created_at) FROM subscriptions WHERE kind = 'handler' GROUP BY target;

-- name: sites_without_handler
-- Looks across sites. It takes no locks.
SELECT s.site_id, s.created_at FROM sites s WHERE NOT EXISTS (
    SELECT 1 FROM subscriptions h
    WHERE h.site_id = s.site_id AND h.kind = 'handler' AND h.target = :target
);

-- name: handlers_of_other_types
-- Looks across sites. It takes no locks.
SELECT site_id, id FROM subscriptions
WHERE kind = 'handler' AND target = :target AND event_types <> :event_types;

-- name: least_needed_position
-- Up to where no subscription needs an event: not those of handlers that nobody runs any more.
SELECT min(s.position) FROM subscriptions s
WHERE s.site_id = :site_id AND (s.kind <> 'handler' OR s.leased_until >= :since);
