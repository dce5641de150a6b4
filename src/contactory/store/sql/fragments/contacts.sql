-- Pieces of statements over contacts c; the translator fills the braces. Each test has two forms:
-- find_… lets an index lead to the contacts, test_… looks at one contact that is there already.

-- name: select_page
SELECT d.document, s.subscription_status, s.deliverability_status, d.member_id
FROM (
    SELECT c.id AS id{keys} FROM {source} WHERE c.site_id = :site_id AND {where}
    ORDER BY {order} LIMIT :limit OFFSET :offset
) p
JOIN contacts d ON d.site_id = :site_id AND d.id = p.id
LEFT JOIN email_statuses s ON s.site_id = :site_id AND s.normalised = d.email_key
ORDER BY {outer_order};

-- name: select_ids
SELECT c.id FROM contacts c WHERE c.site_id = :site_id AND {where} ORDER BY c.id LIMIT :limit;

-- name: count_where
SELECT count(*) FROM contacts c WHERE c.site_id = :site_id AND {where};

-- name: count_up_to
SELECT count(*) FROM (
    SELECT 1 FROM contacts c WHERE c.site_id = :site_id AND {where} LIMIT :most
) counted;

-- name: contacts
contacts c;

-- name: join_value
LEFT JOIN contact_field_values {name}
ON {name}.site_id = :site_id AND {name}.field_key = {field} AND {name}.contact_id = c.id;

-- name: contacts_by_value
-- In this order: the values lead to the contacts.
contact_field_values {name} CROSS JOIN contacts c;

-- name: is_of_value
{name}.site_id = :site_id AND {name}.field_key = {field} AND {name}.{column} IS NOT NULL
AND c.id = {name}.contact_id;

-- name: count_segment
SELECT count(*) FROM {source} WHERE c.site_id = :site_id AND {where};

-- name: find_column
c.{column} IN ({values});

-- name: test_column
+c.{column} IN ({values});

-- name: find_text
(c.{column}_key IN ({keys}) AND c.{column}_text IN ({values}));

-- name: test_text
(+c.{column}_key IN ({keys}) AND c.{column}_text IN ({values}));

-- name: find_prefix
(c.{column} >= {low} AND c.{column} < {high});

-- name: test_prefix
(+c.{column} >= {low} AND +c.{column} < {high});

-- name: find_compared
(c.{column} {operator} {value} AND c.{column} <> {missing});

-- name: test_compared
(+c.{column} {operator} {value} AND +c.{column} <> {missing});

-- name: find_between
(c.{column} >= {low} AND c.{column} < {high});

-- name: test_between
(+c.{column} >= {low} AND +c.{column} < {high});

-- name: find_present
c.{column} < {missing};

-- name: test_present
+c.{column} < {missing};

-- name: find_term
c.id IN (
    SELECT t.contact_id FROM contact_terms t WHERE t.site_id = :site_id
    AND t.field IN ({fields}) AND t.key IN ({keys}) AND t.exact IN ({values})
);

-- name: test_term
EXISTS (
    SELECT 1 FROM contact_terms t WHERE t.site_id = :site_id
    AND t.field IN ({fields}) AND t.key IN ({keys}) AND t.exact IN ({values})
    AND t.contact_id = c.id
);

-- name: find_term_prefix
c.id IN (
    SELECT t.contact_id FROM contact_terms t WHERE t.site_id = :site_id
    AND t.field IN ({fields}) AND t.key >= {low} AND t.key < {high}
);

-- name: test_term_prefix
EXISTS (
    SELECT 1 FROM contact_terms t WHERE t.site_id = :site_id
    AND t.field IN ({fields}) AND t.key >= {low} AND t.key < {high} AND t.contact_id = c.id
);

-- name: find_email
c.id IN (
    SELECT e.contact_id FROM contact_emails e
    WHERE e.site_id = :site_id AND e.normalised IN ({values}) AND e.exclusive
    UNION ALL
    SELECT e.contact_id FROM contact_emails e
    WHERE e.site_id = :site_id AND e.normalised IN ({values}) AND e.exclusive = false
);

-- name: test_email
EXISTS (
    SELECT 1 FROM contact_emails e
    WHERE e.site_id = :site_id AND e.contact_id = c.id AND +e.normalised IN ({values})
);

-- name: find_email_prefix
c.id IN (
    SELECT e.contact_id FROM contact_emails e
    WHERE e.site_id = :site_id AND e.normalised >= {low} AND e.normalised < {high} AND e.exclusive
    UNION ALL
    SELECT e.contact_id FROM contact_emails e
    WHERE e.site_id = :site_id AND e.normalised >= {low} AND e.normalised < {high}
    AND e.exclusive = false
);

-- name: test_email_prefix
EXISTS (
    SELECT 1 FROM contact_emails e WHERE e.site_id = :site_id AND e.contact_id = c.id
    AND +e.normalised >= {low} AND +e.normalised < {high}
);

-- name: find_label
c.id IN (
    SELECT l.contact_id FROM contact_labels l
    WHERE l.site_id = :site_id AND l.label_key IN ({values})
);

-- name: test_label
EXISTS (
    SELECT 1 FROM contact_labels l
    WHERE l.site_id = :site_id AND l.label_key IN ({values}) AND l.contact_id = c.id
);

-- name: find_value_text
c.id IN (
    SELECT v.contact_id FROM contact_field_values v WHERE v.site_id = :site_id
    AND v.field_key = {field} AND v.text_key IN ({keys}) AND v.text_value IN ({values})
);

-- name: test_value_text
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND +v.text_key IN ({keys}) AND v.text_value IN ({values})
);

-- name: find_value_prefix
c.id IN (
    SELECT v.contact_id FROM contact_field_values v WHERE v.site_id = :site_id
    AND v.field_key = {field} AND v.text_key >= {low} AND v.text_key < {high}
);

-- name: test_value_prefix
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND +v.text_key >= {low} AND +v.text_key < {high}
);

-- name: find_value_number
c.id IN (
    SELECT v.contact_id FROM contact_field_values v WHERE v.site_id = :site_id
    AND v.field_key = {field} AND v.number_value IN ({values})
);

-- name: test_value_number
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND +v.number_value IN ({values})
);

-- name: find_value_compared
c.id IN (
    SELECT v.contact_id FROM contact_field_values v WHERE v.site_id = :site_id
    AND v.field_key = {field} AND v.number_value {operator} {value}
);

-- name: test_value_compared
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND +v.number_value {operator} {value}
);

-- name: find_value_present
c.id IN (
    SELECT v.contact_id FROM contact_field_values v WHERE v.site_id = :site_id
    AND v.field_key = {field}
);

-- name: test_value_present
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id
);

-- name: find_recorded
c.email_key IN (
    SELECT s.normalised FROM email_statuses s
    WHERE s.site_id = :site_id AND s.{column} IN ({values})
);

-- name: test_recorded
EXISTS (
    SELECT 1 FROM email_statuses s
    WHERE s.site_id = :site_id AND s.normalised = c.email_key AND +s.{column} IN ({values})
);

-- name: find_member
c.member_id IS NOT NULL;

-- name: test_member
c.member_id IS NOT NULL;

-- name: find_words
c.number IN (SELECT w.rowid FROM contact_search w WHERE contact_search MATCH {match});

-- name: test_words
c.number IN (SELECT w.rowid FROM contact_search w WHERE contact_search MATCH {match});

-- name: after_id
c.id {operator} {id};
