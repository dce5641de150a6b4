-- name: insert_search_words
INSERT INTO contact_search (site_id, contact_id, words)
VALUES (:site_id, :id, :words::text::tsvector);

-- name: update_search_words
INSERT INTO contact_search (site_id, contact_id, words)
VALUES (:site_id, :id, :words::text::tsvector)
ON CONFLICT (site_id, contact_id) DO UPDATE SET words = excluded.words;

-- name: delete_search_words
DELETE FROM contact_search WHERE site_id = :site_id AND contact_id = :id;
