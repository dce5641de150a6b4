-- Everything belongs to a site; site_id leads every key, so that one schema also runs distributed.
-- Times are milliseconds since 1970 (UTC); ids are made by the application.

CREATE TABLE sites (
    site_id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    created_at bigint NOT NULL
);

-- A contact's id begins with the milliseconds of its creation (UUID version 7), so the order of ids
-- is that of creation. What is sorted and filtered by stands beside the document; a text in its
-- folded form (…_key, U+10FFFF where there is none) and as it is (…_text). The number is made of the id,
-- in the same order: SQLite's index of words knows contacts by it.
CREATE TABLE contacts (
    number /* sqlite: INTEGER PRIMARY KEY */ /* postgres: bigint */ NOT NULL,
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    activity_at bigint NOT NULL,
    email_key text /* postgres: COLLATE "C" */ NOT NULL,
    effective_email text /* postgres: COLLATE "C" */ NOT NULL,
    phone_key text /* postgres: COLLATE "C" */ NOT NULL,
    country text /* postgres: COLLATE "C" */ NOT NULL,
    birthdate text /* postgres: COLLATE "C" */ NOT NULL,
    first_key text /* postgres: COLLATE "C" */ NOT NULL,
    first_text text NOT NULL,
    last_key text /* postgres: COLLATE "C" */ NOT NULL,
    last_text text NOT NULL,
    company_key text /* postgres: COLLATE "C" */ NOT NULL,
    company_text text NOT NULL,
    job_key text /* postgres: COLLATE "C" */ NOT NULL,
    job_text text NOT NULL,
    member_id text
    /* postgres: , PRIMARY KEY (site_id, id) */
);
/* sqlite: CREATE UNIQUE INDEX contacts_id ON contacts (site_id, id) */;

-- What a contact shows, as JSON: apart, so that the rows that are looked at many at a time are short.
CREATE TABLE contact_documents (
    site_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (site_id, contact_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contacts (site_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX contacts_member ON contacts (site_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX contacts_updated ON contacts (site_id, updated_at, id);
CREATE INDEX contacts_activity ON contacts (site_id, activity_at, id);
CREATE INDEX contacts_email ON contacts (site_id, email_key, id);
CREATE INDEX contacts_effective_email ON contacts (site_id, effective_email, id);
CREATE INDEX contacts_phone ON contacts (site_id, phone_key, id);
CREATE INDEX contacts_country ON contacts (site_id, country, id);
CREATE INDEX contacts_birthdate ON contacts (site_id, birthdate, id);
CREATE INDEX contacts_first ON contacts (site_id, first_key, id, first_text);
CREATE INDEX contacts_last ON contacts (site_id, last_key, id, last_text);
CREATE INDEX contacts_company ON contacts (site_id, company_key, id, company_text);
CREATE INDEX contacts_job ON contacts (site_id, job_key, id, job_text);

-- Values of fields of which a contact may have several, to filter by.
CREATE TABLE contact_terms (
    site_id uuid NOT NULL,
    field text /* postgres: COLLATE "C" */ NOT NULL,
    key text /* postgres: COLLATE "C" */ NOT NULL,
    contact_id uuid NOT NULL,
    exact text /* postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (site_id, field, key, contact_id, exact)
) /* sqlite: WITHOUT ROWID */;

-- How many contacts of one kind (with the same statuses) a site has, in all (label_key is empty) and
-- with each label: sums over the slots, of which there are several so that writers on different
-- contacts seldom wait for each other.
CREATE TABLE contact_counts (
    site_id uuid NOT NULL,
    label_key text NOT NULL,
    kind text NOT NULL,
    slot integer NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (site_id, label_key, kind, slot)
) /* sqlite: WITHOUT ROWID */;

-- The visitor who submitted a contact's data.
CREATE TABLE contact_visitors (
    site_id uuid NOT NULL,
    visitor_id text /* postgres: COLLATE "C" */ NOT NULL,
    contact_id uuid NOT NULL,
    valid_from bigint NOT NULL,
    PRIMARY KEY (site_id, visitor_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX contact_visitors_contact ON contact_visitors (site_id, contact_id);

-- One row per e-mail entry. Exclusive rows are those that the duplicate guard protects.
CREATE TABLE contact_emails (
    site_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    position integer NOT NULL,
    normalised text /* postgres: COLLATE "C" */ NOT NULL,
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
    normalised text /* postgres: COLLATE "C" */ NOT NULL,
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
    label_key text /* postgres: COLLATE "C" */ NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (site_id, label_key, contact_id)
) /* sqlite: WITHOUT ROWID */;

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

-- Values of custom fields under their types: texts as in contacts, numbers and instants (milliseconds).
CREATE TABLE contact_field_values (
    site_id uuid NOT NULL,
    field_key text NOT NULL,
    contact_id uuid NOT NULL,
    text_key text /* postgres: COLLATE "C" */,
    text_value text,
    number_value double precision,
    PRIMARY KEY (site_id, field_key, contact_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX contact_field_values_text
    ON contact_field_values (site_id, field_key, text_key, contact_id, text_value)
    WHERE text_key IS NOT NULL;
CREATE INDEX contact_field_values_number
    ON contact_field_values (site_id, field_key, number_value, contact_id)
    WHERE number_value IS NOT NULL;

-- What is recorded of an address. It outlives the contact.
CREATE TABLE email_statuses (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    normalised text /* postgres: COLLATE "C" */ NOT NULL,
    subscription_status text NOT NULL,
    deliverability_status text NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (site_id, normalised)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX email_statuses_subscription
    ON email_statuses (site_id, subscription_status, normalised);
CREATE INDEX email_statuses_deliverability
    ON email_statuses (site_id, deliverability_status, normalised);

-- What merges removed, so that they can be undone. `before` and `after` are the target's document,
-- `entries` its e-mails and phones before, as the duplicate guard knew them.
CREATE TABLE merges (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    target_id uuid NOT NULL,
    merged_at bigint NOT NULL,
    undone_at bigint,
    before text NOT NULL,
    after text NOT NULL,
    entries text NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX merges_target ON merges (site_id, target_id, id);

-- The contacts that a merge removed. While it is not undone, the id stands for the target.
CREATE TABLE merged_contacts (
    site_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    source_id uuid NOT NULL,
    target_id uuid NOT NULL,
    position integer NOT NULL,
    is_undone boolean NOT NULL,
    document text NOT NULL,
    entries text NOT NULL,
    visitors text NOT NULL,
    PRIMARY KEY (site_id, merge_id, source_id),
    FOREIGN KEY (site_id, merge_id) REFERENCES merges (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX merged_contacts_source ON merged_contacts (site_id, source_id, merge_id);

-- Work on many contacts, done in chunks: `after_id` is the last contact that was worked on,
-- `last_id` the last one there was when the job was made.
CREATE TABLE bulk_jobs (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    type text NOT NULL,
    request text NOT NULL,
    identity text NOT NULL,
    after_id uuid,
    last_id uuid,
    total_items bigint NOT NULL,
    success_total bigint NOT NULL,
    failed_total bigint NOT NULL,
    errors text NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint,
    claimed_by uuid,
    claimed_until bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX bulk_jobs_open ON bulk_jobs (site_id, id) WHERE finished_at IS NULL;

-- Words of names and companies by their spellings with one letter left out, to forgive typos.
CREATE TABLE search_spellings (
    site_id uuid NOT NULL,
    spelling text /* postgres: COLLATE "C" */ NOT NULL,
    word text /* postgres: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (site_id, spelling, word)
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

-- Who may call. Secrets are stored as digests only; permissions as ids with blanks between.
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
CREATE UNIQUE INDEX apps_digest ON apps (site_id, digest);

CREATE TABLE oauth_clients (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
-- The call for a visitor's first token names the client and no site: looked up across sites.
CREATE INDEX oauth_clients_id ON oauth_clients (id);

-- name_key is the name as it is compared.
CREATE TABLE users (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    role text NOT NULL,
    permissions text NOT NULL,
    password_hash text,
    created_at bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX users_name ON users (site_id, name_key);

-- All that expires: access and refresh tokens, sessions, one-time sign-in links and app codes; kind
-- is the prefix of the secret. subject_id names visitors and members; the subject of the others is
-- user_id or app_id. Beside another subject, app_id is the app that a token is bound to.
CREATE TABLE tokens (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    digest bytea NOT NULL,
    kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id text,
    user_id uuid,
    app_id uuid,
    client_id uuid,
    csrf_digest bytea,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (site_id, digest),
    FOREIGN KEY (site_id, user_id) REFERENCES users (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, app_id) REFERENCES apps (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, client_id) REFERENCES oauth_clients (site_id, id) ON DELETE CASCADE
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX tokens_expiry ON tokens (site_id, expires_at);
CREATE INDEX tokens_user ON tokens (site_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX tokens_app ON tokens (site_id, app_id) WHERE app_id IS NOT NULL;
CREATE INDEX tokens_client ON tokens (site_id, client_id) WHERE client_id IS NOT NULL;

-- Failed sign-ins: one row counts a name from one address, another the name from anywhere. The
-- digest keeps what people typed into the wrong field out of the store.
CREATE TABLE sign_in_failures (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    digest bytea NOT NULL,
    failures integer NOT NULL,
    wait_ms bigint NOT NULL,
    failed_at bigint NOT NULL,
    PRIMARY KEY (site_id, digest)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX sign_in_failures_age ON sign_in_failures (site_id, failed_at);

-- Public halves of the keys with which a site's own program vouches for its members.
CREATE TABLE member_keys (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    id uuid NOT NULL,
    public_key text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint,
    PRIMARY KEY (site_id, id)
);

-- Vouchers are good once: their ids, until they have expired.
CREATE TABLE used_vouchers (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    key_id uuid NOT NULL,
    id text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (site_id, key_id, id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX used_vouchers_expiry ON used_vouchers (site_id, expires_at);

-- Cached results of web methods are good while the versions of their tags stay what they were.
CREATE TABLE web_cache_versions (
    site_id uuid NOT NULL REFERENCES sites (site_id),
    tag text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (site_id, tag)
) /* sqlite: WITHOUT ROWID */;

-- Words of contacts, each behind the tag of its site; a row has the number of its contact.
/* sqlite: CREATE VIRTUAL TABLE contact_search USING fts5(name, email, phone, company, content='', contentless_delete=1, tokenize='ascii', prefix='11 12 13') */;
/* postgres: CREATE TABLE contact_search (
    site_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (site_id, contact_id)
) */;
/* postgres: CREATE INDEX contact_search_words ON contact_search USING gin (words) */;
