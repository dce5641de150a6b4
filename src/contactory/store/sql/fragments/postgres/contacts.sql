-- Words are kept as a vector beside each contact, in the order of ids.

-- name: count_words_up_to
SELECT count(*) FROM (
    SELECT 1 FROM contact_search w
    WHERE w.site_id = :site_id AND w.words @@ {match}::text::tsquery LIMIT :most
) counted;

-- name: ids_words
SELECT w.contact_id AS id FROM contact_search w
WHERE w.site_id = :site_id AND w.words @@ {match}::text::tsquery;

-- name: ids_words_of_few
-- A beginning that many words have takes long to look up. Where few contacts have the whole words
-- beside it, it is looked for among them.
WITH few AS MATERIALIZED (
    SELECT w.contact_id, w.words @@ {match}::text::tsquery AS is_found FROM contact_search w
    WHERE w.site_id = :site_id AND w.words @@ {whole}::text::tsquery LIMIT {most} + 1
)
SELECT f.contact_id AS id FROM few f
WHERE (SELECT count(*) FROM few) <= {most} AND f.is_found
UNION ALL
SELECT w.contact_id AS id FROM contact_search w
WHERE (SELECT count(*) FROM few) > {most}
    AND w.site_id = :site_id AND w.words @@ {match}::text::tsquery;

-- name: test_words
EXISTS (
    SELECT 1 FROM contact_search w WHERE w.site_id = :site_id AND w.contact_id = c.id
    AND w.words @@ {match}::text::tsquery
    OFFSET 0
);
