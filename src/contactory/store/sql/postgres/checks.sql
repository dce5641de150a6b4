-- name: check_contact_events
SELECT 'contacts: ' || c.id || ' has no event of its creation' FROM contacts c
WHERE NOT EXISTS (
    SELECT 1 FROM outbox o
    WHERE o.site_id = c.site_id AND o.slug = 'created' AND o.entity_id = c.id::text
) AND c.created_at >= coalesce(
    (SELECT f.before FROM forgotten_events f WHERE f.site_id = c.site_id), 0
);

-- name: check_contact_entries
SELECT 'contacts: ' || c.id || ' has other e-mails or phones than its keys say'
FROM contacts c
JOIN contact_documents d ON d.site_id = c.site_id AND d.contact_id = c.id
WHERE coalesce(jsonb_array_length(d.document::jsonb #> '{info,emails,items}'), 0) <> (
    SELECT count(*) FROM contact_emails e WHERE e.site_id = c.site_id AND e.contact_id = c.id
) OR coalesce(jsonb_array_length(d.document::jsonb #> '{info,phones,items}'), 0) <> (
    SELECT count(*) FROM contact_phones p WHERE p.site_id = c.site_id AND p.contact_id = c.id
);

-- name: check_contact_rows
SELECT 'contacts: ' || c.id || ' has another id, revision or date than it shows'
FROM contacts c
LEFT JOIN contact_documents d ON d.site_id = c.site_id AND d.contact_id = c.id
WHERE left(replace(c.id::text, '-', ''), 12) <> lpad(to_hex(c.created_at), 12, '0')
OR (d.document::jsonb ->> 'revision')::bigint IS DISTINCT FROM c.revision
OR d.document::jsonb ->> 'id' IS DISTINCT FROM c.id::text;

-- name: check_contact_labels
SELECT 'contacts: ' || c.id || ' carries other labels than it shows' FROM contacts c
JOIN contact_documents d ON d.site_id = c.site_id AND d.contact_id = c.id
LEFT JOIN (
    SELECT l.site_id, l.contact_id, array_agg(l.label_key ORDER BY l.label_key) AS keys
    FROM contact_labels l GROUP BY 1, 2
) carried ON carried.site_id = c.site_id AND carried.contact_id = c.id
WHERE coalesce(carried.keys, '{}') <> coalesce((
    SELECT array_agg(DISTINCT j COLLATE "C" ORDER BY j COLLATE "C")
    FROM jsonb_array_elements_text(d.document::jsonb #> '{info,labelKeys,items}') j
), '{}');

-- name: check_labels_beside
SELECT 'contact_labels: ' || l.contact_id || ' has other labels beside one than it shows'
FROM contact_labels l
JOIN contact_documents d ON d.site_id = l.site_id AND d.contact_id = l.contact_id
WHERE l.labels <> (
    SELECT CASE WHEN count(*) > 16 THEN ''
        ELSE ' ' || string_agg(j, ' ' ORDER BY j COLLATE "C") || ' ' END
    FROM jsonb_array_elements_text(d.document::jsonb #> '{info,labelKeys,items}') j
);

-- name: check_contact_terms
SELECT 'contact_terms: ' || t.field || ' of ' || t.contact_id || ' has other names'
FROM contact_terms t
LEFT JOIN contacts c ON c.site_id = t.site_id AND c.id = t.contact_id
WHERE c.first_key IS DISTINCT FROM t.first_key OR c.last_key IS DISTINCT FROM t.last_key;

-- name: check_value_counts
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
    SELECT c.site_id, 'columns', concat_ws(
        ' ',
        CASE WHEN c.birthdate < chr(1114111) THEN 'birthdate' END,
        CASE WHEN c.company_key < chr(1114111) THEN 'company_key' END,
        CASE WHEN c.country < chr(1114111) THEN 'country' END,
        CASE WHEN c.email_key < chr(1114111) THEN 'email_key' END,
        CASE WHEN c.first_key < chr(1114111) THEN 'first_key' END,
        CASE WHEN c.job_key < chr(1114111) THEN 'job_key' END,
        CASE WHEN c.last_key < chr(1114111) THEN 'last_key' END,
        CASE WHEN c.phone_key < chr(1114111) THEN 'phone_key' END
    ) FROM contacts c
), counted AS (
    SELECT r.site_id, r.field, r.value COLLATE "C" AS value, count(*)::numeric AS total
    FROM carried r GROUP BY 1, 2, 3
), kept AS (
    SELECT n.site_id, n.field, n.value COLLATE "C" AS value, sum(n.total) AS total
    FROM contact_value_counts n GROUP BY 1, 2, 3
), differing AS (
    (SELECT * FROM counted EXCEPT SELECT * FROM kept)
    UNION ALL
    (SELECT * FROM kept EXCEPT SELECT * FROM counted)
)
SELECT DISTINCT 'contact_value_counts: a value of ' || field || ' of site ' || site_id
    || ' is counted wrong'
FROM differing;

-- name: check_contact_words
SELECT 'contacts: ' || c.id || ' cannot be searched for' FROM contacts c
WHERE NOT EXISTS (
    SELECT 1 FROM contact_search w WHERE w.site_id = c.site_id AND w.contact_id = c.id
);

-- name: check_counts
WITH carried AS (
    SELECT a.site_id, '' AS label_key, a.email_key, a.member_id FROM contacts a
    UNION ALL
    SELECT b.site_id, k.label_key, b.email_key, b.member_id FROM contact_labels k
    JOIN contacts b ON b.site_id = k.site_id AND b.id = k.contact_id
), counted AS (
    SELECT c.site_id, c.label_key,
        CASE WHEN c.email_key = chr(1114111) THEN '-/-'
        ELSE coalesce(s.subscription_status, 'NOT_SET') || '/'
            || coalesce(s.deliverability_status, 'NOT_SET') END
        || CASE WHEN c.member_id IS NULL THEN '/-' ELSE '/APPROVED' END AS kind,
        count(*)::numeric AS total
    FROM carried c
    LEFT JOIN email_statuses s ON s.site_id = c.site_id AND s.normalised = c.email_key
    GROUP BY 1, 2, 3
), kept AS (
    SELECT n.site_id, n.label_key, n.kind, sum(n.total) AS total FROM contact_counts n
    GROUP BY 1, 2, 3
), differing AS (
    (SELECT * FROM counted EXCEPT SELECT * FROM kept)
    UNION ALL
    (SELECT * FROM kept WHERE total <> 0 EXCEPT SELECT * FROM counted)
)
SELECT 'contact_counts: ' || label_key || ' ' || kind || ' of site ' || site_id
    || ' is not ' || total
FROM differing;
