-- name: insert_event
INSERT INTO outbox (
    site_id, id, entity_fqdn, slug, entity_id, entity_sequence, created_at, identity, body
    /* sqlite: , position */
)
VALUES (
    :site_id, :id, :entity_fqdn, :slug, :entity_id, :entity_sequence, :created_at, :identity, :body
    /* sqlite: , (
        SELECT coalesce(max(o.position), 0) + 1 FROM outbox o
        WHERE o.site_id = :site_id AND o.position IS NOT NULL
    ) */
);

-- name: sites_with_unplaced_events
-- Looks across sites: whoever delivers serves them all. It takes no locks.
SELECT DISTINCT site_id FROM outbox WHERE position IS NULL;

-- name: has_unplaced_events
SELECT 1 FROM outbox WHERE site_id = :site_id AND position IS NULL LIMIT 1;

-- name: place_events
-- In the order in which they were made, but those of one entity always in the order of theirs.
UPDATE outbox SET position = p.place FROM (
    SELECT u.id, (
        SELECT coalesce(max(l.position), 0) FROM outbox l
        WHERE l.site_id = :site_id AND l.position IS NOT NULL
    ) + row_number() OVER (ORDER BY u.made, u.entity_sequence) AS place
    FROM (
        SELECT new.id, new.entity_sequence, max(new.id /* postgres: ::text */) OVER (
            PARTITION BY new.entity_fqdn, new.entity_id ORDER BY new.entity_sequence
            ROWS UNBOUNDED PRECEDING
        ) AS made
        FROM (
            SELECT n.id, n.entity_fqdn, n.entity_id, n.entity_sequence FROM outbox n
            WHERE n.site_id = :site_id AND n.position IS NULL ORDER BY n.id LIMIT :most
        ) new
    ) u
) p WHERE site_id = :site_id AND outbox.id = p.id;

-- name: last_position
SELECT coalesce(max(position), 0) FROM outbox WHERE site_id = :site_id AND position IS NOT NULL;

-- name: events_after
SELECT position, id, entity_fqdn, slug, entity_id, entity_sequence, created_at, identity, body
FROM outbox WHERE site_id = :site_id AND position > :position ORDER BY position LIMIT :most;

-- name: get_event
SELECT position, id, entity_fqdn, slug, entity_id, entity_sequence, created_at, identity, body
FROM outbox WHERE site_id = :site_id AND id = :id;

-- name: first_position_since
-- Ids begin with the time at which they were made; some that were made later may come earlier.
SELECT min(f.position) FROM (
    SELECT o.position FROM outbox o
    WHERE o.site_id = :site_id AND o.id >= :id AND o.position IS NOT NULL
    ORDER BY o.id LIMIT 1000
) f;

-- name: forgettable_events
-- What somebody still waits for stays, and of each label and field the last one, so that the next
-- number counts on.
SELECT o.id, o.position FROM outbox o
WHERE o.site_id = :site_id AND o.id < :id AND o.position < :position AND (
    o.entity_fqdn = :contacts OR EXISTS (
        SELECT 1 FROM outbox n WHERE n.site_id = :site_id AND n.entity_id = o.entity_id
        AND n.entity_fqdn = o.entity_fqdn AND n.entity_sequence > o.entity_sequence
    )
) AND NOT EXISTS (
    SELECT 1 FROM deliveries d /* sqlite: INDEXED BY deliveries_open */
    WHERE d.site_id = :site_id AND d.event_id = o.id AND d.state <> 'DELIVERED'
) ORDER BY o.id LIMIT :most;

-- name: delete_event
DELETE FROM outbox WHERE site_id = :site_id AND id = :id;

-- name: get_forgotten
SELECT position, before FROM forgotten_events WHERE site_id = :site_id;

-- name: put_forgotten
INSERT INTO forgotten_events (site_id, position, before) VALUES (:site_id, :position, :before)
ON CONFLICT (site_id) DO UPDATE SET
    position = CASE WHEN excluded.position > forgotten_events.position
        THEN excluded.position ELSE forgotten_events.position END,
    before = excluded.before;
