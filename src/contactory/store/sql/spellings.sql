-- name: find_spelled
-- Words that have this spelling. The bound keeps searches cheap among names made to be alike.
SELECT word FROM search_spellings
WHERE site_id = :site_id AND spelling = :spelling ORDER BY word LIMIT :most;

-- name: find_search_word
-- The first word of the index between the two. Both bear the tag of a site, and so does the word.
/* sqlite: SELECT w.term FROM contact_search_vocabulary w
WHERE w.term >= :first AND w.term < :end LIMIT 1 */;
