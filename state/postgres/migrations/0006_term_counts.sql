-- How many chunks hold a term: the document frequencies of BM25, kept by the transactions that write postings,
-- so that a search reads each posting once, and sums up what the asker may see.
CREATE TABLE term_counts (
    access integer NOT NULL,
    term   text COLLATE "C" NOT NULL,
    chunks integer NOT NULL,                   -- exact; a row goes when nothing is left
    PRIMARY KEY (term, access)
) WITH (fillfactor = 80);                      -- room to update in place
INSERT INTO term_counts (access, term, chunks) SELECT access, term, count(*) FROM postings GROUP BY access, term;

ALTER TABLE term_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY member_reads ON term_counts FOR SELECT TO kairos_member
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
CREATE POLICY ingester_writes ON term_counts TO kairos_ingester
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
GRANT SELECT ON term_counts TO kairos_member;
GRANT SELECT, INSERT, UPDATE, DELETE ON term_counts TO kairos_ingester;
