-- name: find_spelled
-- Words that have this spelling. The bound keeps searches cheap among names made to be alike.
SELECT word FROM search_spellings
WHERE site_id = :site_id AND spelling = :spelling ORDER BY word LIMIT :most;
