-- The words of the index of words, in order.
/* sqlite: CREATE VIRTUAL TABLE contact_search_vocabulary USING fts5vocab(contact_search, row) */;
