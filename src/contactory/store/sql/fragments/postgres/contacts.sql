-- Words are kept as a vector beside each contact, in the order of ids.

-- name: count_words_up_to
SELECT count(*) FROM (
    SELECT 1 FROM contact_search w
    WHERE w.site_id = :site_id AND w.words @@ {match}::text::tsquery LIMIT :most
) counted;

-- name: ids_words
SELECT w.contact_id AS id FROM contact_search w
WHERE w.site_id = :site_id AND w.words @@ {match}::text::tsquery;

-- name: test_words
EXISTS (
    SELECT 1 FROM contact_search w WHERE w.site_id = :site_id AND w.contact_id = c.id
    AND w.words @@ {match}::text::tsquery
);
