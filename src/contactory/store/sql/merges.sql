-- name: get_merge_target
SELECT target_id FROM merged_contacts
WHERE site_id = :site_id AND source_id = :source_id AND is_undone = false
ORDER BY merge_id DESC LIMIT 1;

-- name: get_merge_of_source
-- The merge that took this contact away, while it is not undone.
SELECT merge_id FROM merged_contacts
WHERE site_id = :site_id AND source_id = :source_id AND is_undone = false
ORDER BY merge_id DESC LIMIT 1;

-- name: insert_merge
INSERT INTO merges (site_id, id, target_id, merged_at, undone_at, before, after, entries)
VALUES (:site_id, :id, :target_id, :merged_at, NULL, :before, :after, :entries);

-- name: insert_merged_contact
INSERT INTO merged_contacts (
    site_id, merge_id, source_id, target_id, position, is_undone, document, entries, visitors
) VALUES (
    :site_id, :merge_id, :source_id, :target_id, :position, false, :document, :entries, :visitors
);

-- name: get_merge
SELECT target_id, merged_at, undone_at, before, after, entries FROM merges
WHERE site_id = :site_id AND id = :id;

-- name: get_merged_contacts
SELECT document, entries, visitors FROM merged_contacts
WHERE site_id = :site_id AND merge_id = :merge_id ORDER BY position;

-- name: get_latest_merge
SELECT id FROM merges
WHERE site_id = :site_id AND target_id = :target_id AND undone_at IS NULL
ORDER BY id DESC LIMIT 1;

-- name: undo_merge
-- Undone once: the second time changes no row.
UPDATE merges SET undone_at = :now
WHERE site_id = :site_id AND id = :id AND undone_at IS NULL;

-- name: undo_merged_contacts
UPDATE merged_contacts SET is_undone = true WHERE site_id = :site_id AND merge_id = :merge_id;

-- name: list_merges
-- Of a contact as target or as source, newest first.
SELECT m.id AS id, m.target_id, m.merged_at, m.undone_at FROM merges m
WHERE m.site_id = :site_id AND m.target_id = :contact_id
UNION
SELECT m.id AS id, m.target_id, m.merged_at, m.undone_at FROM merged_contacts c
JOIN merges m ON m.site_id = :site_id AND m.id = c.merge_id
WHERE c.site_id = :site_id AND c.source_id = :contact_id
ORDER BY id DESC LIMIT :most;

-- name: list_merge_sources
SELECT source_id FROM merged_contacts
WHERE site_id = :site_id AND merge_id = :merge_id ORDER BY position;

-- name: list_visitors
SELECT visitor_id FROM contact_visitors
WHERE site_id = :site_id AND contact_id = :contact_id ORDER BY visitor_id;

-- name: move_visitors
UPDATE contact_visitors SET contact_id = :target_id
WHERE site_id = :site_id AND contact_id = :source_id;

-- name: return_visitor
-- Where the visitor is still the target's.
UPDATE contact_visitors SET contact_id = :source_id
WHERE site_id = :site_id AND visitor_id = :visitor_id AND contact_id = :target_id;

-- name: find_exclusive_email
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive AND contact_id <> :contact_id;

-- name: find_exclusive_phone
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive AND contact_id <> :contact_id;

-- name: list_email_holders
-- Who else has it. Both conditions of the two partial indexes, as in find_email_of_others.
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive AND contact_id <> :contact_id
UNION
SELECT contact_id FROM contact_emails
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false
AND contact_id <> :contact_id LIMIT :most;

-- name: list_phone_holders
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive AND contact_id <> :contact_id
UNION
SELECT contact_id FROM contact_phones
WHERE site_id = :site_id AND normalised = :normalised AND exclusive = false
AND contact_id <> :contact_id LIMIT :most;
