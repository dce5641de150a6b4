-- name: get_cache_version
SELECT version FROM web_cache_versions WHERE site_id = :site_id AND tag = :tag;

-- name: raise_cache_version
INSERT INTO web_cache_versions (site_id, tag, version) VALUES (:site_id, :tag, 1)
ON CONFLICT (site_id, tag) DO UPDATE SET version = web_cache_versions.version + 1;
