-- What ranking needs of a chunk beside its sentences; empty for chunks that were indexed before, which rank without.
ALTER TABLE chunks
    ADD token_codes bytea NOT NULL DEFAULT '',     -- 16 bytes a content token: tools/embed/token_codes.py
    ADD stems       bytea NOT NULL DEFAULT '';     -- 4 bytes an index term, in order: tools/rerank/stems.py
ALTER TABLE chunks ALTER token_codes SET STORAGE EXTERNAL, ALTER stems SET STORAGE EXTERNAL;

-- The words of a title as another text would name it, without a bracket at its end: state/postgres/titles.py writes it.
-- A column, for row-level security lets an index serve an equality of texts but no expression.
ALTER TABLE documents ADD name text NOT NULL DEFAULT '';
UPDATE documents SET name = left(
    trim(regexp_replace(regexp_replace(title, '\s*\([^)]*\)\s*$', ''), '\W+', ' ', 'g')), 200);
CREATE INDEX documents_by_name ON documents (name) WHERE name <> '';
