-- Beside a company and a job, the names that lists of their people are sorted by: without them, the
-- row of each of these people was fetched for a page of fifty.
CREATE INDEX contacts_company_names
    ON contacts (site_id, company_key, id, company_text, first_key, last_key);
DROP INDEX contacts_company;
CREATE INDEX contacts_job_names
    ON contacts (site_id, job_key, id, job_text, first_key, last_key);
DROP INDEX contacts_job;
