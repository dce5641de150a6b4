-- Events find their readers: each has a place in its site's order of events, which is the order of
-- commits, and subscriptions follow it.

-- The place. A store with one writer gives it with the event; elsewhere it is given to what is
-- committed by whoever reads next, for transactions end in another order than they begin.
ALTER TABLE outbox ADD COLUMN position bigint;
/* sqlite: UPDATE outbox SET position = p.place FROM (
    SELECT site_id, id, row_number() OVER (PARTITION BY site_id ORDER BY id) AS place FROM outbox
) p WHERE outbox.site_id = p.site_id AND outbox.id = p.id */;
CREATE UNIQUE INDEX outbox_position ON outbox (site_id, position) WHERE position IS NOT NULL;
CREATE INDEX outbox_unplaced ON outbox (site_id, id) WHERE position IS NULL;

-- How far a site's events were deleted because of their age: the last place, and the moment.
CREATE TABLE forgotten_events (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    position bigint NOT NULL,
    before bigint NOT NULL,
    PRIMARY KEY (site_id)
);

-- Who wants to be told of which events, separated by blanks; of all where none is named. What comes
-- up to the position is delivered or stands in deliveries.
CREATE TABLE subscriptions (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    app_id uuid,
    event_types text NOT NULL,
    position bigint NOT NULL,
    created_at bigint NOT NULL,
    failing_since bigint,
    paused_at bigint,
    pause_reason text,
    leased_by uuid,
    leased_until bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, app_id) REFERENCES apps (site_id, id) ON DELETE CASCADE
);
CREATE INDEX subscriptions_app ON subscriptions (site_id, app_id);

-- What became of each event that a subscription wants: due_at tells when to try next.
CREATE TABLE deliveries (
    site_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    entity text NOT NULL,
    event_type text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    due_at bigint,
    tried_at bigint,
    status integer,
    reason text NOT NULL,
    duration_ms integer NOT NULL,
    PRIMARY KEY (site_id, subscription_id, position),
    FOREIGN KEY (site_id, subscription_id)
        REFERENCES subscriptions (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX deliveries_due ON deliveries (site_id, subscription_id, due_at, position)
    WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (site_id, subscription_id, entity, position)
    WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_state ON deliveries (site_id, subscription_id, state, position);
CREATE INDEX deliveries_open ON deliveries (site_id, event_id) WHERE state <> 'DELIVERED';

-- With which an app's webhooks are signed: the newest that signs by now.
CREATE TABLE signing_keys (
    site_id uuid NOT NULL,
    app_id uuid NOT NULL,
    id text NOT NULL,
    private_key text NOT NULL,
    public_key text NOT NULL,
    created_at bigint NOT NULL,
    signs_from bigint NOT NULL,
    PRIMARY KEY (site_id, app_id, id),
    FOREIGN KEY (site_id, app_id) REFERENCES apps (site_id, id) ON DELETE CASCADE
);
