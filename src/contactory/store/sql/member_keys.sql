-- name: insert_member_key
INSERT INTO member_keys (site_id, id, public_key, created_at)
VALUES (:site_id, :id, :public_key, :now);

-- name: list_member_keys
SELECT id, public_key, created_at, revoked_at FROM member_keys
WHERE site_id = :site_id ORDER BY created_at, id;

-- name: get_member_key
SELECT public_key FROM member_keys
WHERE site_id = :site_id AND id = :id AND revoked_at IS NULL;

-- name: revoke_member_key
UPDATE member_keys SET revoked_at = coalesce(revoked_at, :now)
WHERE site_id = :site_id AND id = :id;

-- name: use_voucher
INSERT INTO used_vouchers (site_id, key_id, id, expires_at)
VALUES (:site_id, :key_id, :id, :expires_at)
ON CONFLICT (site_id, key_id, id) DO NOTHING;

-- name: forget_vouchers
DELETE FROM used_vouchers WHERE site_id = :site_id AND (key_id, id) IN (
    SELECT key_id, id FROM used_vouchers
    WHERE site_id = :site_id AND expires_at <= :now LIMIT :most
);
