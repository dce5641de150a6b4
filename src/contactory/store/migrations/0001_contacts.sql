-- Everything belongs to a site; site_id leads every key, so that one schema also runs distributed.
-- Times are milliseconds since 1970 (UTC); ids are made by the application.

CREATE TABLE sites (
    site_id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE contacts (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    primary_email text,
    document text NOT NULL,
    PRIMARY KEY (site_id, id)
);

-- One row per e-mail entry. Exclusive rows are those that the duplicate guard protects.
CREATE TABLE contact_emails (
    site_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    position integer NOT NULL,
    normalised text NOT NULL,
    exclusive boolean NOT NULL,
    PRIMARY KEY (site_id, contact_id, position),
    FOREIGN KEY (site_id, contact_id) REFERENCES contacts (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX contact_emails_exclusive ON contact_emails (site_id, normalised) WHERE exclusive;
CREATE INDEX contact_emails_shared ON contact_emails (site_id, normalised) WHERE exclusive = false;

CREATE TABLE contact_phones (
    site_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    position integer NOT NULL,
    normalised text NOT NULL,
    exclusive boolean NOT NULL,
    PRIMARY KEY (site_id, contact_id, position),
    FOREIGN KEY (site_id, contact_id) REFERENCES contacts (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX contact_phones_exclusive ON contact_phones (site_id, normalised) WHERE exclusive;
CREATE INDEX contact_phones_shared ON contact_phones (site_id, normalised) WHERE exclusive = false;

CREATE TABLE labels (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    key text NOT NULL,
    display_name text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (site_id, key)
) /* sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX labels_display_name ON labels (site_id, display_name);

CREATE TABLE contact_labels (
    site_id uuid NOT NULL,
    label_key text NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (site_id, label_key, contact_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contacts (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX contact_labels_contact ON contact_labels (site_id, contact_id);

CREATE TABLE extended_fields (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    key text NOT NULL,
    display_name text NOT NULL,
    data_type text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (site_id, key)
) /* sqlite: WITHOUT ROWID */;
CREATE UNIQUE INDEX extended_fields_display_name ON extended_fields (site_id, display_name);

CREATE TABLE contact_field_values (
    site_id uuid NOT NULL,
    field_key text NOT NULL,
    contact_id uuid NOT NULL,
    text_value text,
    number_value double precision,
    PRIMARY KEY (site_id, field_key, contact_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contacts (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX contact_field_values_contact ON contact_field_values (site_id, contact_id);

-- What is recorded of an address. It outlives the contact.
CREATE TABLE email_statuses (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    normalised text NOT NULL,
    subscription_status text NOT NULL,
    deliverability_status text NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (site_id, normalised)
) /* sqlite: WITHOUT ROWID */;

-- Events, written with the change that caused them. No foreign key: they outlive the contact.
CREATE TABLE outbox (
    site_id uuid NOT NULL,
    id uuid NOT NULL,
    entity_fqdn text NOT NULL,
    slug text NOT NULL,
    entity_id text NOT NULL,
    entity_sequence bigint NOT NULL,
    created_at bigint NOT NULL,
    identity text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX outbox_entity ON outbox (site_id, entity_id);

CREATE TABLE idempotency_keys (
    site_id uuid NOT NULL,
    caller text NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    response text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (site_id, caller, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (site_id, created_at);

-- Who may call. Secrets are stored as digests only.
CREATE TABLE api_keys (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    permissions text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX api_keys_digest ON api_keys (site_id, digest);

CREATE TABLE apps (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    permissions text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);

CREATE TABLE oauth_clients (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
-- A token call names the client and not the site: these two are looked up across sites.
CREATE INDEX oauth_clients_id ON oauth_clients (id);
CREATE INDEX apps_id ON apps (id);

-- Access tokens, refresh tokens, sessions of users and members, one-time sign-in links.
CREATE TABLE tokens (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    digest bytea NOT NULL,
    kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id text,
    client_id text,
    csrf_digest bytea,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (site_id, digest)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX tokens_expiry ON tokens (site_id, expires_at);

CREATE TABLE users (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    permissions text NOT NULL,
    password_hash text,
    created_at bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX users_name ON users (site_id, name);

-- Public halves of the keys with which a site's own program vouches for its members.
CREATE TABLE member_keys (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    public_key text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint,
    PRIMARY KEY (site_id, id)
);
