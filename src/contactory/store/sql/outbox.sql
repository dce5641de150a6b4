-- name: insert_event
INSERT INTO outbox
    (site_id, id, entity_fqdn, slug, entity_id, entity_sequence, created_at, identity, body)
VALUES
    (:site_id, :id, :entity_fqdn, :slug, :entity_id, :entity_sequence, :created_at, :identity, :body);
