-- name: insert_api_key
INSERT INTO api_keys (site_id, id, name, digest, permissions, created_at)
VALUES (:site_id, :id, :name, :digest, :permissions, :now);

-- name: list_api_keys
SELECT id, name, permissions, created_at, revoked_at FROM api_keys
WHERE site_id = :site_id ORDER BY created_at, id;

-- name: find_api_key
SELECT id, permissions FROM api_keys
WHERE site_id = :site_id AND digest = :digest AND revoked_at IS NULL;

-- name: revoke_api_key
-- A second time changes nothing, and still finds the key.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, :now)
WHERE site_id = :site_id AND id = :id;
