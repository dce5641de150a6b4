-- name: insert_token
INSERT INTO tokens
    (site_id, digest, kind, subject_type, subject_id, user_id, app_id, client_id, csrf_digest,
     created_at, expires_at)
VALUES
    (:site_id, :digest, :kind, :subject_type, :subject_id, :user_id, :app_id, :client_id,
     :csrf_digest, :created_at, :expires_at);

-- name: find_token
-- With what its subject may do at present.
SELECT t.subject_type, t.subject_id, t.user_id, t.app_id, t.client_id, t.csrf_digest,
    t.created_at, t.expires_at, a.instance_id, a.permissions, u.role, u.permissions
FROM tokens t
LEFT JOIN apps a ON a.site_id = :site_id AND a.id = t.app_id
LEFT JOIN users u ON u.site_id = :site_id AND u.id = t.user_id
WHERE t.site_id = :site_id AND t.digest = :digest AND t.kind = :kind AND t.expires_at > :now;

-- name: delete_token
DELETE FROM tokens WHERE site_id = :site_id AND digest = :digest;

-- name: delete_user_tokens
DELETE FROM tokens WHERE site_id = :site_id AND user_id = :user_id;

-- name: forget_tokens
DELETE FROM tokens WHERE site_id = :site_id AND digest IN (
    SELECT digest FROM tokens WHERE site_id = :site_id AND expires_at <= :now LIMIT :most
);
