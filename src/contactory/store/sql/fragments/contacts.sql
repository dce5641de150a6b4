-- Pieces of statements over contacts c; the translator fills the braces. Each test has two forms:
-- ids_… selects the contacts that pass, through an index; test_… looks at one that is there already,
-- where on SQLite a plus keeps an index from leading, and on PostgreSQL an offset keeps the planner
-- from joining: it took thousands for one, and read them all again for each contact.

-- name: select_page
-- In this order: without cross joins, the planner may begin with all contacts of the site.
SELECT d.document, s.subscription_status, s.deliverability_status, o.member_id{total}
FROM (
    SELECT {keys} FROM {source} WHERE c.site_id = :site_id AND {where}
    ORDER BY {order} LIMIT :limit OFFSET :offset
) p
CROSS JOIN contacts o
CROSS JOIN contact_documents d
LEFT JOIN email_statuses s ON s.site_id = :site_id AND s.normalised = o.email_key
WHERE o.site_id = :site_id AND o.id = p.id AND d.site_id = :site_id AND d.contact_id = p.id
ORDER BY {outer_order};

-- name: select_ids
SELECT c.id FROM {source} WHERE c.site_id = :site_id AND {where} ORDER BY {order} LIMIT :limit;

-- name: count_where
SELECT count(*) FROM {source} WHERE c.site_id = :site_id AND {where};

-- name: count_ids
SELECT count(*) FROM ({ids}) counted;

-- name: count_up_to
SELECT count(*) FROM (SELECT f.id FROM ({ids}) f LIMIT :most) counted;

-- name: edge
SELECT {key}, c.id FROM contacts c{joins} WHERE c.site_id = :site_id AND {where}
ORDER BY {order} LIMIT 1 OFFSET :steps;

-- name: edge_by_id
-- Every index of contacts has their ids: the planner may take one and sort.
SELECT c.id, c.id FROM contacts c /* sqlite: INDEXED BY contacts_id */
WHERE c.site_id = :site_id AND {where}
ORDER BY {order} LIMIT 1 OFFSET :steps;

-- name: aside
/* sqlite: + */{column};

-- name: contacts
contacts c;

-- name: contacts_found
-- In this order: what is found leads to the contacts.
({ids}) f CROSS JOIN contacts c;

-- name: contacts_as_ids
(SELECT :site_id/* postgres: ::uuid */ AS site_id, g.* FROM ({ids}) g) c;

-- name: contacts_by_words
-- In the order of numbers, which is that of ids.
contact_search w CROSS JOIN contacts c;

-- name: is_by_words
contact_search MATCH {match} AND c.number = w.rowid;

-- name: number
-- What stands in the row of the contact; what its id gives where the contact is gone.
coalesce((SELECT x.number FROM contacts x WHERE x.site_id = :site_id AND x.id = {id}), {otherwise});

-- name: is_found
c.id = f.id;

-- name: ids_where
SELECT c.id AS id FROM {source} WHERE c.site_id = :site_id AND {where};

-- name: join_value
LEFT JOIN contact_field_values {name}
ON {name}.site_id = :site_id AND {name}.field_key = {field} AND {name}.contact_id = c.id;

-- name: contacts_by_value
-- In this order: the values lead to the contacts.
contact_field_values {name} CROSS JOIN contacts c;

-- name: is_of_value
{name}.site_id = :site_id AND {name}.field_key = {field} AND {name}.{column} IS NOT NULL
AND c.id = {name}.contact_id;

-- name: ids_column
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id AND x.{column} IN ({values});

-- name: lead_column
SELECT x.id AS id{columns} FROM contacts x
WHERE x.site_id = :site_id AND x.{column} IN ({values}) /* postgres: OFFSET 0 */;

-- name: test_column
/* sqlite: + */c.{column} IN ({values});

-- name: ids_text
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id
AND x.{column}_key IN ({keys}) AND x.{column}_text IN ({values});

-- name: lead_text
SELECT x.id AS id{columns} FROM contacts x WHERE x.site_id = :site_id
AND x.{column}_key IN ({keys}) AND x.{column}_text IN ({values}) /* postgres: OFFSET 0 */;

-- name: test_text
(/* sqlite: + */c.{column}_key IN ({keys}) AND c.{column}_text IN ({values}));

-- name: ids_prefix
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id
AND x.{column} >= {low} AND x.{column} < {high};

-- name: lead_prefix
SELECT x.id AS id{columns} FROM contacts x WHERE x.site_id = :site_id
AND x.{column} >= {low} AND x.{column} < {high} /* postgres: OFFSET 0 */;

-- name: test_prefix
(/* sqlite: + */c.{column} >= {low} AND /* sqlite: + */c.{column} < {high});

-- name: ids_compared
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id
AND {tests} AND x.{column} <> {missing};

-- name: test_compared
({tests} AND /* sqlite: + */c.{column} <> {missing});

-- name: walk_column
c.{column} IN ({values});

-- name: walk_compared
({tests} AND c.{column} <> {missing});

-- name: compares
{column} {operator} {value};

-- name: ids_between
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id
AND x.{column} >= {low} AND x.{column} < {high};

-- name: test_between
(/* sqlite: + */c.{column} >= {low} AND /* sqlite: + */c.{column} < {high});

-- name: walk_prefix
(c.{column} >= {low} AND c.{column} < {high});

-- name: walk_between
(c.{column} >= {low} AND c.{column} < {high});

-- name: walk_text
(c.{column}_key IN ({keys}) AND c.{column}_text IN ({values}));

-- name: walk_value_prefix
(k0.text_key >= {low} AND k0.text_key < {high});

-- name: ids_present
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id AND x.{column} < {missing};

-- name: test_present
/* sqlite: + */c.{column} < {missing};

-- name: ids_term
SELECT DISTINCT t.contact_id AS id FROM contact_terms t WHERE t.site_id = :site_id
AND t.field IN ({fields}) AND t.key IN ({keys}) AND t.exact IN ({values});

-- name: lead_term
SELECT {distinct} t.contact_id AS id, t.first_key AS first_key, t.last_key AS last_key
FROM contact_terms t WHERE t.site_id = :site_id
AND t.field IN ({fields}) AND t.key IN ({keys}) AND t.exact IN ({values});

-- name: lead_term_prefix
SELECT DISTINCT t.contact_id AS id, t.first_key AS first_key, t.last_key AS last_key
FROM contact_terms t WHERE t.site_id = :site_id
AND t.field IN ({fields}) AND t.key >= {low} AND t.key < {high};

-- name: test_term
EXISTS (
    SELECT 1 FROM contact_terms t WHERE t.site_id = :site_id
    AND t.field IN ({fields}) AND t.key IN ({keys}) AND t.exact IN ({values})
    AND t.contact_id = c.id
    /* postgres: OFFSET 0 */
);

-- name: ids_term_prefix
SELECT DISTINCT t.contact_id AS id FROM contact_terms t WHERE t.site_id = :site_id
AND t.field IN ({fields}) AND t.key >= {low} AND t.key < {high};

-- name: test_term_prefix
-- A set that is made once: for each contact, a range of keys could not go by its id.
/* sqlite: + */c.id IN (
    SELECT t.contact_id FROM contact_terms t WHERE t.site_id = :site_id
    AND t.field IN ({fields}) AND t.key >= {low} AND t.key < {high}
);

-- name: ids_email
SELECT e.contact_id AS id FROM contact_emails e
WHERE e.site_id = :site_id AND e.normalised IN ({values}) AND e.exclusive
UNION
SELECT e.contact_id AS id FROM contact_emails e
WHERE e.site_id = :site_id AND e.normalised IN ({values}) AND e.exclusive = false;

-- name: test_email
EXISTS (
    SELECT 1 FROM contact_emails e
    WHERE e.site_id = :site_id AND e.contact_id = c.id AND /* sqlite: + */e.normalised IN ({values})
    /* postgres: OFFSET 0 */
);

-- name: ids_email_prefix
SELECT e.contact_id AS id FROM contact_emails e
WHERE e.site_id = :site_id AND e.normalised >= {low} AND e.normalised < {high} AND e.exclusive
UNION
SELECT e.contact_id AS id FROM contact_emails e
WHERE e.site_id = :site_id AND e.normalised >= {low} AND e.normalised < {high}
AND e.exclusive = false;

-- name: test_email_prefix
EXISTS (
    SELECT 1 FROM contact_emails e WHERE e.site_id = :site_id AND e.contact_id = c.id
    AND /* sqlite: + */e.normalised >= {low} AND /* sqlite: + */e.normalised < {high}
    /* postgres: OFFSET 0 */
);

-- name: ids_label
SELECT DISTINCT l.contact_id AS id FROM contact_labels l
WHERE l.site_id = :site_id AND l.label_key IN ({values});

-- name: lead_label
SELECT {distinct} l.contact_id AS id, l.labels AS labels FROM contact_labels l
WHERE l.site_id = :site_id AND l.label_key IN ({values});

-- name: test_label_beside
-- Nothing stands beside a label where a contact has many.
(/* sqlite: instr *//* postgres: strpos */({labels_of}.labels, {label}) > 0 OR {labels_of}.labels = '' AND {test});

-- name: test_label
EXISTS (
    SELECT 1 FROM contact_labels l
    WHERE l.site_id = :site_id AND l.label_key IN ({values}) AND l.contact_id = c.id
    /* postgres: OFFSET 0 */
);

-- name: ids_value_text
SELECT v.contact_id AS id FROM contact_field_values v WHERE v.site_id = :site_id
AND v.field_key = {field} AND v.text_key IN ({keys}) AND v.text_value IN ({values});

-- name: test_value_text
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND /* sqlite: + */v.text_key IN ({keys}) AND v.text_value IN ({values})
    /* postgres: OFFSET 0 */
);

-- name: ids_value_prefix
SELECT v.contact_id AS id FROM contact_field_values v WHERE v.site_id = :site_id
AND v.field_key = {field} AND v.text_key >= {low} AND v.text_key < {high};

-- name: test_value_prefix
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND /* sqlite: + */v.text_key >= {low} AND /* sqlite: + */v.text_key < {high}
    /* postgres: OFFSET 0 */
);

-- name: ids_value_number
SELECT v.contact_id AS id FROM contact_field_values v WHERE v.site_id = :site_id
AND v.field_key = {field} AND v.number_value IN ({values});

-- name: test_value_number
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND /* sqlite: + */v.number_value IN ({values})
    /* postgres: OFFSET 0 */
);

-- name: ids_value_compared
SELECT v.contact_id AS id FROM contact_field_values v WHERE v.site_id = :site_id
AND v.field_key = {field} AND {tests};

-- name: test_value_compared
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id AND {tests}
    /* postgres: OFFSET 0 */
);

-- name: ids_value_present
SELECT v.contact_id AS id FROM contact_field_values v
WHERE v.site_id = :site_id AND v.field_key = {field};

-- name: test_value_present
EXISTS (
    SELECT 1 FROM contact_field_values v WHERE v.site_id = :site_id AND v.field_key = {field}
    AND v.contact_id = c.id
    /* postgres: OFFSET 0 */
);

-- name: ids_recorded
SELECT x.id AS id FROM email_statuses s CROSS JOIN contacts x
WHERE s.site_id = :site_id AND s.{column} IN ({values})
AND x.site_id = :site_id AND x.email_key = s.normalised;

-- name: test_recorded
EXISTS (
    SELECT 1 FROM email_statuses s
    WHERE s.site_id = :site_id AND s.normalised = c.email_key AND /* sqlite: + */s.{column} IN ({values})
    /* postgres: OFFSET 0 */
);

-- name: ids_member
SELECT x.id AS id FROM contacts x WHERE x.site_id = :site_id AND x.member_id IS NOT NULL;

-- name: test_member
c.member_id IS NOT NULL;

-- name: count_words_up_to
-- No other site's words begin with the same tag.
SELECT count(*) FROM (
    SELECT 1 FROM contact_search w WHERE contact_search MATCH {match} LIMIT :most
) counted;

-- name: ids_words
SELECT x.id AS id FROM contact_search w CROSS JOIN contacts x
WHERE contact_search MATCH {match} AND x.number = w.rowid AND x.site_id = :site_id;

-- name: ids_words_of_few
-- Beginnings are split and kept, so that they are quickly looked up, too.
SELECT x.id AS id FROM contact_search w CROSS JOIN contacts x
WHERE contact_search MATCH {match} AND x.number = w.rowid AND x.site_id = :site_id;

-- name: test_words
c.number IN (SELECT w.rowid FROM contact_search w WHERE contact_search MATCH {match});

-- name: after_id
{column} {operator} {id};
