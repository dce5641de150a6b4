-- name: get_field_type
SELECT data_type FROM extended_fields WHERE site_id = :site_id AND key = :key;

-- name: hold_field_type
-- As hold_label.
SELECT data_type FROM extended_fields
WHERE site_id = :site_id AND key = :key /* postgres: FOR KEY SHARE */;

-- name: take_field
-- As take_label.
SELECT key FROM extended_fields
WHERE site_id = :site_id AND key = :key /* postgres: FOR UPDATE */;

-- name: get_field
SELECT key, display_name, data_type, created_at, updated_at FROM extended_fields
WHERE site_id = :site_id AND key = :key;

-- name: find_field_named
SELECT key, display_name, data_type, created_at, updated_at FROM extended_fields
WHERE site_id = :site_id AND display_name = :display_name;

-- name: list_fields
SELECT key, display_name, data_type, created_at, updated_at FROM extended_fields
WHERE site_id = :site_id;

-- name: count_fields
SELECT count(*) FROM extended_fields WHERE site_id = :site_id;

-- name: insert_field
-- A taken key or name changes no row.
INSERT INTO extended_fields (site_id, key, display_name, data_type, created_at, updated_at)
VALUES (:site_id, :key, :display_name, :data_type, :now, :now) ON CONFLICT DO NOTHING;

-- name: rename_field
-- As rename_label.
UPDATE extended_fields SET display_name = :display_name, updated_at = :now
WHERE site_id = :site_id AND key = :key AND NOT EXISTS (
    SELECT 1 FROM extended_fields other
    WHERE other.site_id = :site_id AND other.display_name = :display_name AND other.key <> :key
);

-- name: delete_field
DELETE FROM extended_fields WHERE site_id = :site_id AND key = :key;

-- name: field_carriers
SELECT contact_id FROM contact_field_values
WHERE site_id = :site_id AND field_key = :key ORDER BY contact_id LIMIT :most;
