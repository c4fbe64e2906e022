-- The words and short forms of the corpus, to mend and widen questions by. Both hang on access classes like all that is
-- searched: a question is compared with words of pages that its asker may see, and with no others.

-- What each document gave: what is taken away again when it changes, moves or goes.
CREATE TABLE document_words (
    document bigint PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    access   integer NOT NULL,
    words    text[] NOT NULL
);

-- No foreign key, as with postings. Words are found by how they begin or, turned round, by how they end.
CREATE TABLE words (
    access    integer NOT NULL,
    word      text COLLATE "C" NOT NULL,
    reversed  text COLLATE "C" NOT NULL,
    documents integer NOT NULL,                -- how many of this class hold it
    PRIMARY KEY (access, word)
) WITH (fillfactor = 80);                      -- counts change in place
CREATE INDEX words_by_end ON words (access, reversed);

CREATE TABLE short_forms (
    access   integer NOT NULL,
    document bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    short    text COLLATE "C" NOT NULL,        -- lower case, as the other
    long     text COLLATE "C" NOT NULL,
    PRIMARY KEY (document, short, long)
);
CREATE INDEX short_forms_by_short ON short_forms (access, short);
CREATE INDEX short_forms_by_long ON short_forms (access, long);

ALTER TABLE document_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE words ENABLE ROW LEVEL SECURITY;
ALTER TABLE short_forms ENABLE ROW LEVEL SECURITY;
CREATE POLICY member_reads ON words FOR SELECT TO kairos_member
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
CREATE POLICY member_reads ON short_forms FOR SELECT TO kairos_member
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
CREATE POLICY ingester_writes ON document_words TO kairos_ingester
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
CREATE POLICY ingester_writes ON words TO kairos_ingester
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
CREATE POLICY ingester_writes ON short_forms TO kairos_ingester
    USING (access = ANY (ARRAY(SELECT id FROM access_classes)));
GRANT SELECT ON words, short_forms TO kairos_member;
GRANT SELECT, INSERT, UPDATE, DELETE ON document_words, words, short_forms TO kairos_ingester;

-- Documents that are stored already; their short forms are found when they are next read.
INSERT INTO document_words (document, access, words)
    SELECT c.document, c.access, array_agg(DISTINCT w[1])
    FROM chunks c JOIN documents d ON d.id = c.document,
        regexp_matches(lower(d.title || ' ' || array_to_string(c.headings, ' ') || ' ' || c.text), '\y[[:alpha:]]{4,24}\y', 'g') w
    GROUP BY c.document, c.access;
INSERT INTO words (access, word, reversed, documents)
    SELECT access, word, reverse(word), count(*) FROM document_words, unnest(words) AS word GROUP BY access, word;
