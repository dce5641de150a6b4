-- name: insert_app
INSERT INTO apps (site_id, id, instance_id, name, digest, permissions, created_at)
VALUES (:site_id, :id, :instance_id, :name, :digest, :permissions, :now);

-- name: list_apps
SELECT id, instance_id, name, permissions, created_at FROM apps
WHERE site_id = :site_id ORDER BY created_at, id;

-- name: get_app
SELECT id, instance_id, name, permissions, created_at FROM apps
WHERE site_id = :site_id AND id = :id;

-- name: find_app
-- The app whose secret has this digest.
SELECT id, instance_id, name, permissions, created_at FROM apps
WHERE site_id = :site_id AND digest = :digest;

-- name: delete_app
-- Its tokens and codes go with it.
DELETE FROM apps WHERE site_id = :site_id AND id = :id;
