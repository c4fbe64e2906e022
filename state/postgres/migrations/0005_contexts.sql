-- Generated lines of context, paid for once: by a hash of all that the model was shown of a chunk.
CREATE TABLE chunk_contexts (
    tenant     text NOT NULL,
    file       bigint NOT NULL REFERENCES files ON DELETE CASCADE,
    digest     bytea NOT NULL,
    context    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, digest, file)
);
CREATE INDEX chunk_contexts_by_file ON chunk_contexts (file);

ALTER TABLE chunk_contexts ENABLE ROW LEVEL SECURITY;
CREATE POLICY ingester_writes ON chunk_contexts TO kairos_ingester
    USING (tenant = current_setting('kairos.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON chunk_contexts TO kairos_ingester;
