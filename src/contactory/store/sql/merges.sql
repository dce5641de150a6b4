-- name: get_merge_target
SELECT target_id FROM merged_contacts
WHERE site_id = :site_id AND source_id = :source_id AND is_undone = false
ORDER BY merge_id DESC LIMIT 1;
