-- name: get_field_type
SELECT data_type FROM extended_fields WHERE site_id = :site_id AND key = :key;

-- name: count_fields
SELECT count(*) FROM extended_fields WHERE site_id = :site_id;

-- name: insert_field
INSERT INTO extended_fields (site_id, key, display_name, data_type, created_at, updated_at)
VALUES (:site_id, :key, :display_name, :data_type, :now, :now) ON CONFLICT DO NOTHING;

-- name: insert_field_value
INSERT INTO contact_field_values (site_id, field_key, contact_id, text_value, number_value)
VALUES (:site_id, :field_key, :contact_id, :text_value, :number_value);
