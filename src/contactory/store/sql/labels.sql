-- name: get_label
SELECT key FROM labels WHERE site_id = :site_id AND key = :key;

-- name: count_labels
SELECT count(*) FROM labels WHERE site_id = :site_id;

-- name: insert_label
INSERT INTO labels (site_id, key, display_name, created_at, updated_at)
VALUES (:site_id, :key, :display_name, :now, :now) ON CONFLICT DO NOTHING;

-- name: insert_contact_label
INSERT INTO contact_labels (site_id, label_key, contact_id)
VALUES (:site_id, :label_key, :contact_id);
