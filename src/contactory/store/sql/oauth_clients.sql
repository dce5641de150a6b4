-- name: insert_client
INSERT INTO oauth_clients (site_id, id, name, created_at) VALUES (:site_id, :id, :name, :now);

-- name: list_clients
SELECT id, name FROM oauth_clients WHERE site_id = :site_id ORDER BY created_at, id;

-- name: get_client
SELECT id, name FROM oauth_clients WHERE site_id = :site_id AND id = :id;

-- name: find_client_site
-- Looks across sites: a visitor's first call names the client and no site.
SELECT site_id FROM oauth_clients WHERE id = :id;

-- name: delete_client
-- The tokens had through it go with it.
DELETE FROM oauth_clients WHERE site_id = :site_id AND id = :id;
