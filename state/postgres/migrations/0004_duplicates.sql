-- Near-duplicates: of documents in one collection and access class that say the same, one is searched for all.
-- The chunks of the others are parked: they hang on a class of the same groups that nobody reads, so that search,
-- its statistics and row-level security need to know nothing of duplicates, and parking is undone by moving back.

ALTER TABLE access_classes ADD parked boolean NOT NULL DEFAULT false;
ALTER TABLE access_classes DROP CONSTRAINT access_classes_tenant_groups_key;
ALTER TABLE access_classes ADD UNIQUE (tenant, groups, parked);

DROP POLICY member_reads ON access_classes;
CREATE POLICY member_reads ON access_classes FOR SELECT TO kairos_member
    USING (tenant = current_setting('kairos.tenant', true) AND NOT parked
           AND (groups = '{}' OR groups && (SELECT asker_groups())));

ALTER TABLE documents
    ADD signature    bigint[] NOT NULL DEFAULT '{}',                  -- texts that are the same share a number of it
    ADD duplicate_of bigint REFERENCES documents ON DELETE SET NULL,  -- the one that is searched in its place
    ADD compared     boolean NOT NULL DEFAULT false;                  -- with the others, as it is now
CREATE INDEX documents_duplicate_of ON documents (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX documents_to_compare ON documents (collection) WHERE NOT compared;

-- The signatures of those that are searched, to find them by: equality of integers is leakproof, so that row-level
-- security leaves the index of use, unlike an overlap of arrays.
CREATE TABLE document_bands (
    collection integer NOT NULL,
    band       bigint NOT NULL,
    document   bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (collection, band, document)
);
CREATE INDEX document_bands_by_document ON document_bands (document);

ALTER TABLE document_bands ENABLE ROW LEVEL SECURITY;
CREATE POLICY ingester_writes ON document_bands TO kairos_ingester
    USING (collection = ANY (ARRAY(SELECT id FROM collections)));
GRANT SELECT, INSERT, UPDATE, DELETE ON document_bands TO kairos_ingester;
