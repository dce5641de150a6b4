-- name: insert_site
INSERT INTO sites (site_id, name, created_at) VALUES (:site_id, :name, :now)
ON CONFLICT (site_id) DO NOTHING;

-- name: get_site
SELECT site_id, name, created_at FROM sites WHERE site_id = :site_id;

-- name: list_sites
-- Looks across sites.
SELECT site_id, name, created_at FROM sites ORDER BY created_at, site_id;
