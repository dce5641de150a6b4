-- Totals and orders that are read at once instead of from every match. PostgreSQL had no store
-- before this step, so only SQLite has rows to fill.

-- Beside each term, the names that lists of its contacts are sorted by.
ALTER TABLE contact_terms ADD COLUMN first_key text /* postgres: COLLATE "C" */ NOT NULL DEFAULT '';
ALTER TABLE contact_terms ADD COLUMN last_key text /* postgres: COLLATE "C" */ NOT NULL DEFAULT '';
/* sqlite: UPDATE contact_terms SET (first_key, last_key) = (
    SELECT c.first_key, c.last_key FROM contacts c
    WHERE c.site_id = contact_terms.site_id AND c.id = contact_terms.contact_id
) */;
/* postgres: ALTER TABLE contact_terms DROP CONSTRAINT contact_terms_pkey */;
/* postgres: ALTER TABLE contact_terms
    ADD PRIMARY KEY (site_id, field, key, contact_id, exact) INCLUDE (first_key, last_key) */;

-- Beside each label, all labels of its contact with blanks around; nothing where they are many.
ALTER TABLE contact_labels ADD COLUMN labels text NOT NULL DEFAULT '';
/* sqlite: UPDATE contact_labels SET labels = (
    SELECT CASE WHEN count(*) > 16 THEN '' ELSE ' ' || group_concat(m.label_key, ' ') || ' ' END
    FROM (
        SELECT j.value AS label_key FROM contact_documents d
        JOIN json_each(d.document, '$.info.labelKeys.items') j
        WHERE d.site_id = contact_labels.site_id AND d.contact_id = contact_labels.contact_id
        ORDER BY j.value
    ) m
) */;
/* postgres: ALTER TABLE contact_labels DROP CONSTRAINT contact_labels_pkey */;
/* postgres: ALTER TABLE contact_labels
    ADD PRIMARY KEY (site_id, label_key, contact_id) INCLUDE (labels) */;

-- How many contacts have a value of a field that many may share (a city, a custom text), which
-- columns are filled, which custom fields have a value: sums over slots, as in contact_counts.
CREATE TABLE contact_value_counts (
    site_id uuid NOT NULL,
    field text /* postgres: COLLATE "C" */ NOT NULL,
    value text /* postgres: COLLATE "C" */ NOT NULL,
    slot integer NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (site_id, field, value, slot)
) /* sqlite: WITHOUT ROWID */;
/* sqlite: INSERT INTO contact_value_counts
SELECT t.site_id, t.field, CASE WHEN t.exact = '' THEN t.key ELSE t.exact END,
    instr('0123456789ABCDEF', substr(hex(t.contact_id), -1)) - 1, count(*)
FROM contact_terms t
WHERE t.field IN ('city', 'subdivision', 'country', 'locale', 'location', 'assignee')
GROUP BY 1, 2, 3, 4 */;
/* sqlite: INSERT INTO contact_value_counts
SELECT v.site_id, v.field_key, v.text_value,
    instr('0123456789ABCDEF', substr(hex(v.contact_id), -1)) - 1, count(*)
FROM contact_field_values v WHERE v.text_value IS NOT NULL GROUP BY 1, 2, 3, 4 */;
/* sqlite: INSERT INTO contact_value_counts
SELECT v.site_id, 'fields', v.field_key,
    instr('0123456789ABCDEF', substr(hex(v.contact_id), -1)) - 1, count(*)
FROM contact_field_values v GROUP BY 1, 2, 3, 4 */;
/* sqlite: INSERT INTO contact_value_counts
SELECT c.site_id, 'columns', trim(
        CASE WHEN c.birthdate < char(1114111) THEN 'birthdate ' ELSE '' END
        || CASE WHEN c.company_key < char(1114111) THEN 'company_key ' ELSE '' END
        || CASE WHEN c.country < char(1114111) THEN 'country ' ELSE '' END
        || CASE WHEN c.email_key < char(1114111) THEN 'email_key ' ELSE '' END
        || CASE WHEN c.first_key < char(1114111) THEN 'first_key ' ELSE '' END
        || CASE WHEN c.job_key < char(1114111) THEN 'job_key ' ELSE '' END
        || CASE WHEN c.last_key < char(1114111) THEN 'last_key ' ELSE '' END
        || CASE WHEN c.phone_key < char(1114111) THEN 'phone_key ' ELSE '' END
    ), instr('0123456789ABCDEF', substr(hex(c.id), -1)) - 1, count(*)
FROM contacts c GROUP BY 1, 2, 3, 4 */;

-- PostgreSQL takes columns for independent of each other, unless it is told.
/* postgres: CREATE STATISTICS contacts_first_both (ndistinct, dependencies, mcv)
    ON site_id, first_key, first_text FROM contacts */;
/* postgres: CREATE STATISTICS contacts_last_both (ndistinct, dependencies, mcv)
    ON site_id, last_key, last_text FROM contacts */;
/* postgres: CREATE STATISTICS contacts_company_both (ndistinct, dependencies, mcv)
    ON site_id, company_key, company_text FROM contacts */;
/* postgres: CREATE STATISTICS contacts_job_both (ndistinct, dependencies, mcv)
    ON site_id, job_key, job_text FROM contacts */;
/* postgres: CREATE STATISTICS contact_terms_all (ndistinct, dependencies, mcv)
    ON site_id, field, key, exact FROM contact_terms */;
/* postgres: CREATE STATISTICS contact_field_values_all (ndistinct, dependencies, mcv)
    ON site_id, field_key, text_key, text_value FROM contact_field_values */;
