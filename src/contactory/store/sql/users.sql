-- name: insert_user
INSERT INTO users
    (site_id, id, name, name_key, role, permissions, password_hash, created_at)
VALUES (:site_id, :id, :name, :name_key, :role, :permissions, :password_hash, :now)
ON CONFLICT (site_id, name_key) DO NOTHING;

-- name: list_users
SELECT id, name, role, permissions FROM users
WHERE site_id = :site_id ORDER BY created_at, id;

-- name: get_user
SELECT id, name, role, permissions FROM users WHERE site_id = :site_id AND id = :id;

-- name: find_password
-- How the user of this name signs in.
SELECT id, password_hash FROM users WHERE site_id = :site_id AND name_key = :name_key;

-- name: set_password
UPDATE users SET password_hash = :password_hash WHERE site_id = :site_id AND id = :id;

-- name: delete_user
-- Sessions and links go with the user.
DELETE FROM users WHERE site_id = :site_id AND id = :id;
