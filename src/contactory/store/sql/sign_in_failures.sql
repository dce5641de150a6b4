-- name: get_sign_in_wait
-- When the next attempt is heard, in milliseconds since 1970.
SELECT failed_at + wait_ms FROM sign_in_failures
WHERE site_id = :site_id AND digest = :digest AND failed_at + wait_ms > :now;

-- name: count_sign_in_failure
-- Changes no row while the wait of an earlier failure lasts.
INSERT INTO sign_in_failures (site_id, digest, failures, wait_ms, failed_at)
VALUES (:site_id, :digest, 1, 0, :now)
ON CONFLICT (site_id, digest) DO UPDATE SET
    failures = sign_in_failures.failures + 1,
    wait_ms = CASE
        WHEN sign_in_failures.failures + 1 < :free THEN 0
        WHEN sign_in_failures.wait_ms = 0 THEN :first_wait
        WHEN sign_in_failures.wait_ms * 2 > :longest_wait THEN :longest_wait
        ELSE sign_in_failures.wait_ms * 2
    END,
    failed_at = :now
WHERE sign_in_failures.failed_at + sign_in_failures.wait_ms <= :now;

-- name: delete_sign_in_failures
DELETE FROM sign_in_failures WHERE site_id = :site_id AND digest = :digest;

-- name: delete_old_sign_in_failures
DELETE FROM sign_in_failures
WHERE site_id = :site_id AND digest = :digest AND failed_at <= :since;

-- name: forget_sign_in_failures
DELETE FROM sign_in_failures WHERE site_id = :site_id AND digest IN (
    SELECT digest FROM sign_in_failures
    WHERE site_id = :site_id AND failed_at <= :since LIMIT :most
);
