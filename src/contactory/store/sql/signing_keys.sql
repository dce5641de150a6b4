-- name: insert_signing_key
INSERT INTO signing_keys (
    site_id, app_id, id, private_key, public_key, created_at, signs_from
)
VALUES (
    :site_id, :app_id, :id, :private_key, :public_key, :now, :signs_from
);

-- name: list_signing_keys
-- The newest first.
SELECT id, private_key, public_key, created_at, signs_from FROM signing_keys
WHERE site_id = :site_id AND app_id = :app_id ORDER BY signs_from DESC, created_at DESC;

-- name: delete_signing_key
DELETE FROM signing_keys WHERE site_id = :site_id AND app_id = :app_id AND id = :id;

-- name: hold_app
-- As hold_label.
SELECT id FROM apps WHERE site_id = :site_id AND id = :id /* postgres: FOR NO KEY UPDATE */;
