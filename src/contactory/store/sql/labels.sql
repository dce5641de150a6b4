-- name: get_label
SELECT key, display_name, created_at, updated_at FROM labels
WHERE site_id = :site_id AND key = :key;

-- name: hold_label
-- Nobody deletes it until the end of the transaction. A store with one writer need not be told.
SELECT key FROM labels WHERE site_id = :site_id AND key = :key /* postgres: FOR KEY SHARE */;

-- name: take_label
-- Nobody holds it, and nobody can until the end of the transaction.
SELECT key FROM labels WHERE site_id = :site_id AND key = :key /* postgres: FOR UPDATE */;

-- name: find_label_named
SELECT key, display_name, created_at, updated_at FROM labels
WHERE site_id = :site_id AND display_name = :display_name;

-- name: list_labels
SELECT key, display_name, created_at, updated_at FROM labels WHERE site_id = :site_id;

-- name: count_labels
SELECT count(*) FROM labels WHERE site_id = :site_id;

-- name: insert_label
-- A taken key or name changes no row.
INSERT INTO labels (site_id, key, display_name, created_at, updated_at)
VALUES (:site_id, :key, :display_name, :now, :now) ON CONFLICT DO NOTHING;

-- name: rename_label
-- Of two that take one name at the same time, the other finds it taken: it changes no row.
UPDATE labels SET display_name = :display_name, updated_at = :now
WHERE site_id = :site_id AND key = :key AND NOT EXISTS (
    SELECT 1 FROM labels other
    WHERE other.site_id = :site_id AND other.display_name = :display_name AND other.key <> :key
);

-- name: delete_label
DELETE FROM labels WHERE site_id = :site_id AND key = :key;

-- name: label_carriers
SELECT contact_id FROM contact_labels
WHERE site_id = :site_id AND label_key = :key ORDER BY contact_id LIMIT :most;
