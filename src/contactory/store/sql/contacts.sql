-- name: insert_email
-- A taken key, or a taken contact id, changes no row: the count of rows tells.
INSERT INTO contact_emails (site_id, contact_id, position, normalised, exclusive)
VALUES (:site_id, :contact_id, :position, :normalised, :exclusive)
ON CONFLICT DO NOTHING;

-- name: insert_phone
-- As insert_email.
INSERT INTO contact_phones (site_id, contact_id, position, normalised, exclusive)
VALUES (:site_id, :contact_id, :position, :normalised, :exclusive)
ON CONFLICT DO NOTHING;

-- name: insert_contact
-- A taken id or number changes no row.
INSERT INTO contacts (
    site_id, id, number, revision, created_at, updated_at, activity_at, email_key, effective_email,
    phone_key, country, birthdate, first_key, first_text, last_key, last_text,
    company_key, company_text, job_key, job_text, member_id
) VALUES (
    :site_id, :id, :number, :revision, :created_at, :updated_at, :activity_at, :email_key, :effective_email,
    :phone_key, :country, :birthdate, :first_key, :first_text, :last_key, :last_text,
    :company_key, :company_text, :job_key, :job_text, :member_id
)
ON CONFLICT DO NOTHING;

-- name: update_contact
-- Only over the revision that was read: somebody else's write in between changes no row here.
UPDATE contacts SET
    revision = :revision, updated_at = :updated_at, activity_at = :activity_at,
    email_key = :email_key, effective_email = :effective_email, phone_key = :phone_key,
    country = :country, birthdate = :birthdate, first_key = :first_key, first_text = :first_text,
    last_key = :last_key, last_text = :last_text, company_key = :company_key,
    company_text = :company_text, job_key = :job_key, job_text = :job_text,
    member_id = :member_id
WHERE site_id = :site_id AND id = :id AND revision = :read_revision;

-- name: insert_document
INSERT INTO contact_documents (site_id, contact_id, document)
VALUES (:site_id, :id, :document);

-- name: update_document
UPDATE contact_documents SET document = :document
WHERE site_id = :site_id AND contact_id = :id;

-- name: hold_contacts
-- As hold_label, in the order of ids, which are given with blanks between. Rows of a contact elsewhere
-- are written only by who has this one.
SELECT id, revision FROM contacts WHERE site_id = :site_id
/* postgres: AND id = ANY (string_to_array(:ids, ' ')::uuid[]) ORDER BY id FOR UPDATE */
/* sqlite: AND id IN (
    SELECT unhex(replace(j.value, '-', ''))
    FROM json_each('["' || replace(:ids, ' ', '","') || '"]') j
) */;

-- name: delete_contact
DELETE FROM contacts WHERE site_id = :site_id AND id = :id AND revision = :read_revision;

-- name: get_contact
-- The document, and what is recorded of its primary e-mail since it was written.
SELECT d.document, s.subscription_status, s.deliverability_status, c.member_id
FROM contacts c
JOIN contact_documents d ON d.site_id = :site_id AND d.contact_id = c.id
LEFT JOIN email_statuses s ON s.site_id = :site_id AND s.normalised = c.email_key
WHERE c.site_id = :site_id AND c.id = :id;

-- name: get_member_contact
SELECT id FROM contacts WHERE site_id = :site_id AND member_id = :member_id;

-- name: get_emails
SELECT normalised, exclusive FROM contact_emails
WHERE site_id = :site_id AND contact_id = :contact_id ORDER BY position;

-- name: get_phones
SELECT normalised, exclusive FROM contact_phones
WHERE site_id = :site_id AND contact_id = :contact_id ORDER BY position;

-- name: delete_emails
DELETE FROM contact_emails WHERE site_id = :site_id AND contact_id = :contact_id;

-- name: delete_phones
DELETE FROM contact_phones WHERE site_id = :site_id AND contact_id = :contact_id;

-- name: find_email_of_others
-- Whose entry this is, but for this contact's own: the oldest has it, wherever the rows are kept.
-- One half for each of the two partial indexes.
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive AND contact_id <> :contact_id
UNION ALL
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false
AND contact_id <> :contact_id ORDER BY 1 LIMIT 1;

-- name: find_phone_of_others
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive AND contact_id <> :contact_id
UNION ALL
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false
AND contact_id <> :contact_id ORDER BY 1 LIMIT 1;

-- name: insert_term
INSERT INTO contact_terms (site_id, field, key, contact_id, exact, first_key, last_key)
VALUES (:site_id, :field, :key, :contact_id, :exact, :first_key, :last_key);

-- name: rename_term
UPDATE contact_terms SET first_key = :first_key, last_key = :last_key
WHERE site_id = :site_id AND field = :field AND key = :key
AND contact_id = :contact_id AND exact = :exact;

-- name: delete_term
DELETE FROM contact_terms WHERE site_id = :site_id AND field = :field AND key = :key
AND contact_id = :contact_id AND exact = :exact;

-- name: add_to_count
INSERT INTO contact_counts (site_id, label_key, kind, slot, total)
VALUES (:site_id, :label_key, :kind, :slot, :change)
ON CONFLICT (site_id, label_key, kind, slot) DO UPDATE SET
    total = contact_counts.total + excluded.total;

-- name: add_to_value_count
INSERT INTO contact_value_counts (site_id, field, value, slot, total)
VALUES (:site_id, :field, :value, :slot, :change)
ON CONFLICT (site_id, field, value, slot) DO UPDATE SET
    total = contact_value_counts.total + excluded.total;

-- name: delete_empty_value_count
-- What nobody has any more is not kept: it may be somebody's address. It is below zero where it was
-- not counted, as a number.
DELETE FROM contact_value_counts
WHERE site_id = :site_id AND field = :field AND value = :value AND slot = :slot AND total <= 0;

-- name: get_value_count
SELECT coalesce(sum(n.total), 0) FROM contact_value_counts n
WHERE n.site_id = :site_id AND n.field = :field AND n.value = :value;

-- name: get_value_counts
SELECT n.value, sum(n.total) FROM contact_value_counts n
WHERE n.site_id = :site_id AND n.field = :field GROUP BY n.value;

-- name: get_counts
SELECT n.kind, sum(n.total) FROM contact_counts n
WHERE n.site_id = :site_id AND n.label_key = :label_key GROUP BY n.kind;

-- name: get_all_counts
SELECT n.label_key, n.kind, sum(n.total) FROM contact_counts n
WHERE n.site_id = :site_id GROUP BY n.label_key, n.kind;

-- name: insert_search_words
INSERT INTO contact_search (rowid, name, email, phone, company)
VALUES (:number, :name, :email, :phone, :company);

-- name: update_search_words
-- The number is that of the contact's row: in a copy, it may be another than its id gives.
INSERT OR REPLACE INTO contact_search (rowid, name, email, phone, company)
SELECT c.number, :name, :email, :phone, :company FROM contacts c
WHERE c.site_id = :site_id AND c.id = :id;

-- name: delete_search_words
DELETE FROM contact_search WHERE rowid = (
    SELECT c.number FROM contacts c WHERE c.site_id = :site_id AND c.id = :id
);

-- name: insert_spelling
INSERT INTO search_spellings (site_id, spelling, word) VALUES (:site_id, :spelling, :word)
ON CONFLICT DO NOTHING;

-- name: insert_visitor
INSERT INTO contact_visitors (site_id, visitor_id, contact_id, valid_from)
VALUES (:site_id, :visitor_id, :contact_id, :now)
ON CONFLICT (site_id, visitor_id) DO UPDATE SET
    contact_id = excluded.contact_id, valid_from = excluded.valid_from;

-- name: get_visitor_contact
SELECT contact_id FROM contact_visitors WHERE site_id = :site_id AND visitor_id = :visitor_id;

-- name: delete_visitors
DELETE FROM contact_visitors WHERE site_id = :site_id AND contact_id = :contact_id;

-- name: check_contact_events
-- Every contact has the event of its creation, unless events of that age were forgotten.
SELECT 'contacts: ' || lower(hex(c.id)) || ' has no event of its creation' FROM contacts c
WHERE NOT EXISTS (
    SELECT 1 FROM outbox o
    WHERE o.site_id = c.site_id AND o.slug = 'created'
    AND o.entity_id = substr(lower(hex(c.id)), 1, 8) || '-' || substr(lower(hex(c.id)), 9, 4)
        || '-' || substr(lower(hex(c.id)), 13, 4) || '-' || substr(lower(hex(c.id)), 17, 4)
        || '-' || substr(lower(hex(c.id)), 21)
) AND c.created_at >= coalesce(
    (SELECT f.before FROM forgotten_events f WHERE f.site_id = c.site_id), 0
);

-- name: check_contact_entries
-- Every e-mail and phone that a contact shows is known to the duplicate guard, and no other.
SELECT 'contacts: ' || lower(hex(c.id)) || ' has other e-mails or phones than its keys say'
FROM contacts c
JOIN contact_documents d ON d.site_id = c.site_id AND d.contact_id = c.id
WHERE coalesce(json_array_length(d.document, '$.info.emails.items'), 0) <> (
    SELECT count(*) FROM contact_emails e WHERE e.site_id = c.site_id AND e.contact_id = c.id
) OR coalesce(json_array_length(d.document, '$.info.phones.items'), 0) <> (
    SELECT count(*) FROM contact_phones p WHERE p.site_id = c.site_id AND p.contact_id = c.id
);

-- name: check_contact_rows
-- The id tells the time of creation, and the row says what the document says.
SELECT 'contacts: ' || lower(hex(c.id)) || ' has another id, revision or date than it shows'
FROM contacts c
LEFT JOIN contact_documents d ON d.site_id = c.site_id AND d.contact_id = c.id
WHERE substr(lower(hex(c.id)), 1, 12) <> printf('%012x', c.created_at)
OR json_extract(d.document, '$.revision') IS NOT c.revision
OR replace(json_extract(d.document, '$.id'), '-', '') IS NOT lower(hex(c.id));

-- name: check_contact_labels
-- Every label that a contact shows is kept as carried, and no other.
SELECT 'contacts: ' || lower(hex(c.id)) || ' carries other labels than it shows' FROM contacts c
JOIN contact_documents d ON d.site_id = c.site_id AND d.contact_id = c.id
WHERE coalesce(json_array_length(d.document, '$.info.labelKeys.items'), 0) <> (
    SELECT count(*) FROM json_each(d.document, '$.info.labelKeys.items') j
    CROSS JOIN contact_labels l
    WHERE l.site_id = c.site_id AND l.label_key = j.value AND l.contact_id = c.id
);

-- name: check_labels_beside
-- Beside each label stand all labels that its contact shows, where it shows few.
SELECT 'contact_labels: ' || lower(hex(l.contact_id)) || ' has other labels beside one than it shows'
FROM contact_labels l
CROSS JOIN contact_documents d
WHERE d.site_id = l.site_id AND d.contact_id = l.contact_id AND (
    (l.labels = '') <> (json_array_length(d.document, '$.info.labelKeys.items') > 16)
    OR l.labels <> '' AND (
        length(l.labels) - length(replace(l.labels, ' ', ''))
            <> json_array_length(d.document, '$.info.labelKeys.items') + 1
        OR EXISTS (
            SELECT 1 FROM json_each(d.document, '$.info.labelKeys.items') j
            WHERE instr(l.labels, ' ' || j.value || ' ') = 0
        )
    )
);

-- name: check_contact_terms
-- The names beside a term are those of its contact.
SELECT 'contact_terms: ' || t.field || ' of ' || lower(hex(t.contact_id)) || ' has other names'
FROM contact_terms t
LEFT JOIN contacts c ON c.site_id = t.site_id AND c.id = t.contact_id
WHERE c.first_key IS NOT t.first_key OR c.last_key IS NOT t.last_key;

-- name: check_value_counts
-- The counts of values that writes keep are those of the rows.
WITH carried AS (
    SELECT t.site_id, t.field, CASE WHEN t.exact = '' THEN t.key ELSE t.exact END AS value
    FROM contact_terms t
    WHERE t.field IN ('city', 'subdivision', 'country', 'locale', 'location', 'assignee')
    UNION ALL
    SELECT v.site_id, v.field_key, v.text_value FROM contact_field_values v
    WHERE v.text_value IS NOT NULL
    UNION ALL
    SELECT v.site_id, 'fields', v.field_key FROM contact_field_values v
    UNION ALL
    SELECT c.site_id, 'columns', trim(
        CASE WHEN c.birthdate < char(1114111) THEN 'birthdate ' ELSE '' END
        || CASE WHEN c.company_key < char(1114111) THEN 'company_key ' ELSE '' END
        || CASE WHEN c.country < char(1114111) THEN 'country ' ELSE '' END
        || CASE WHEN c.email_key < char(1114111) THEN 'email_key ' ELSE '' END
        || CASE WHEN c.first_key < char(1114111) THEN 'first_key ' ELSE '' END
        || CASE WHEN c.job_key < char(1114111) THEN 'job_key ' ELSE '' END
        || CASE WHEN c.last_key < char(1114111) THEN 'last_key ' ELSE '' END
        || CASE WHEN c.phone_key < char(1114111) THEN 'phone_key ' ELSE '' END
    ) FROM contacts c
), counted AS (
    SELECT r.site_id, r.field, r.value, count(*) AS total FROM carried r GROUP BY 1, 2, 3
), kept AS (
    SELECT n.site_id, n.field, n.value, sum(n.total) AS total FROM contact_value_counts n
    GROUP BY 1, 2, 3
), differing AS (
    SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
    UNION ALL
    SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)
)
SELECT DISTINCT 'contact_value_counts: a value of ' || field || ' of site '
    || lower(hex(site_id)) || ' is counted wrong'
FROM differing;

-- name: check_contact_words
-- Every contact stands in the index of words.
SELECT 'contacts: ' || lower(hex(c.id)) || ' cannot be searched for' FROM contacts c
WHERE NOT EXISTS (SELECT 1 FROM contact_search_docsize d WHERE d.id = c.number);

-- name: check_counts
-- The counts that writes keep are those of the rows.
WITH carried AS (
    SELECT a.site_id, '' AS label_key, a.email_key, a.member_id FROM contacts a
    UNION ALL
    SELECT b.site_id, k.label_key, b.email_key, b.member_id FROM contact_labels k
    CROSS JOIN contacts b WHERE b.site_id = k.site_id AND b.id = k.contact_id
), counted AS (
    SELECT c.site_id, c.label_key,
        CASE WHEN c.email_key = char(1114111) THEN '-/-'
        ELSE coalesce(s.subscription_status, 'NOT_SET') || '/'
            || coalesce(s.deliverability_status, 'NOT_SET') END
        || CASE WHEN c.member_id IS NULL THEN '/-' ELSE '/APPROVED' END AS kind,
        count(*) AS total
    FROM carried c
    LEFT JOIN email_statuses s ON s.site_id = c.site_id AND s.normalised = c.email_key
    GROUP BY 1, 2, 3
), kept AS (
    SELECT n.site_id, n.label_key, n.kind, sum(n.total) AS total FROM contact_counts n
    GROUP BY 1, 2, 3
), differing AS (
    SELECT * FROM counted EXCEPT SELECT * FROM kept
    UNION ALL
    SELECT * FROM (SELECT * FROM kept WHERE total <> 0 EXCEPT SELECT * FROM counted)
)
SELECT 'contact_counts: ' || label_key || ' ' || kind || ' of site ' || lower(hex(site_id))
    || ' is not ' || total
FROM differing;

-- name: put_contact_label
INSERT INTO contact_labels (site_id, label_key, contact_id, labels)
VALUES (:site_id, :label_key, :contact_id, :labels)
ON CONFLICT (site_id, label_key, contact_id) DO UPDATE SET labels = excluded.labels;

-- name: delete_contact_label
DELETE FROM contact_labels
WHERE site_id = :site_id AND label_key = :label_key AND contact_id = :contact_id;

-- name: insert_field_value
INSERT INTO contact_field_values
    (site_id, field_key, contact_id, text_key, text_value, number_value)
VALUES (:site_id, :field_key, :contact_id, :text_key, :text_value, :number_value);

-- name: delete_field_value
DELETE FROM contact_field_values
WHERE site_id = :site_id AND field_key = :field_key AND contact_id = :contact_id;

-- name: knows_spelling
SELECT 1 FROM search_spellings
WHERE site_id = :site_id AND spelling = :word AND word = :word;
