-- name: insert_bulk_job
INSERT INTO bulk_jobs (
    site_id, id, type, request, identity, after_id, last_id, total_items, success_total,
    failed_total, errors, created_at, started_at, finished_at, claimed_by, claimed_until
)
VALUES (
    :site_id, :id, :type, :request, :identity, NULL, :last_id, 0, 0,
    0, '[]', :created_at, NULL, NULL, NULL, 0
);

-- name: last_contact
-- Ids are in the order in which contacts were made.
SELECT c.id FROM contacts c WHERE c.site_id = :site_id ORDER BY c.id DESC LIMIT 1;

-- name: get_bulk_job
SELECT id, type, total_items, success_total, failed_total, errors, created_at, started_at,
    finished_at
FROM bulk_jobs WHERE site_id = :site_id AND id = :id;

-- name: list_bulk_jobs
SELECT id, type, total_items, success_total, failed_total, errors, created_at, started_at,
    finished_at
FROM bulk_jobs WHERE site_id = :site_id ORDER BY id DESC LIMIT :most;

-- name: get_bulk_work
SELECT request, identity, after_id, last_id FROM bulk_jobs WHERE site_id = :site_id AND id = :id;

-- name: sites_with_bulk_jobs
-- Looks across sites: a worker serves them all. It takes no locks.
SELECT DISTINCT site_id FROM bulk_jobs WHERE finished_at IS NULL;

-- name: next_bulk_job
-- Jobs of a site are done in the order in which they were made.
SELECT id, claimed_by, claimed_until FROM bulk_jobs
WHERE site_id = :site_id AND finished_at IS NULL ORDER BY id LIMIT 1;

-- name: claim_bulk_job
-- Holds the row until the end of the transaction, so that nobody else works at the job meanwhile.
UPDATE bulk_jobs SET claimed_by = :worker, claimed_until = :until
WHERE site_id = :site_id AND id = :id AND finished_at IS NULL
    AND (claimed_by = :worker OR claimed_until <= :now);

-- name: release_bulk_jobs
UPDATE bulk_jobs SET claimed_until = 0
WHERE site_id = :site_id AND claimed_by = :worker AND finished_at IS NULL;

-- name: advance_bulk_job
UPDATE bulk_jobs
SET after_id = :after_id, total_items = :total_items, success_total = :success_total,
    failed_total = :failed_total, errors = :errors, started_at = :started_at,
    finished_at = :finished_at
WHERE site_id = :site_id AND id = :id;
