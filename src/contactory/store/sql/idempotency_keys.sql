-- name: claim_idempotency_key
INSERT INTO idempotency_keys (site_id, caller, key, request_digest, response, created_at)
VALUES (:site_id, :caller, :key, :request_digest, :response, :now)
ON CONFLICT (site_id, caller, key) DO NOTHING;

-- name: get_idempotency_key
SELECT request_digest, response FROM idempotency_keys
WHERE site_id = :site_id AND caller = :caller AND key = :key AND created_at > :since;

-- name: forget_idempotency_key
DELETE FROM idempotency_keys
WHERE site_id = :site_id AND caller = :caller AND key = :key AND created_at <= :since;

-- name: forget_idempotency_keys
DELETE FROM idempotency_keys WHERE site_id = :site_id AND (caller, key) IN (
    SELECT caller, key FROM idempotency_keys
    WHERE site_id = :site_id AND created_at <= :since LIMIT :most
);
