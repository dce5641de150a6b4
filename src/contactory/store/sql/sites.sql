-- name: insert_site
INSERT INTO sites (site_id, name, created_at) VALUES (:site_id, :name, :now)
ON CONFLICT (site_id) DO NOTHING;

-- name: get_site
SELECT site_id, name, created_at FROM sites WHERE site_id = :site_id;

-- name: hold_site
-- Whoever holds it is alone with what all of a site share, such as a quota.
SELECT site_id FROM sites WHERE site_id = :site_id /* postgres: FOR NO KEY UPDATE */;

-- name: list_sites
-- Looks across sites.
SELECT site_id, name, created_at FROM sites ORDER BY created_at, site_id;
