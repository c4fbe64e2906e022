-- One row a turn: who asked, what it took. Never the question or the answer.
CREATE TABLE turns (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant        text NOT NULL,
    principal     text NOT NULL,
    thread_id     text NOT NULL,
    trace_id      text NOT NULL UNIQUE,        -- a resumed turn is recorded once
    route         text NOT NULL,
    refusal       text,
    declined      boolean NOT NULL,
    supported     boolean NOT NULL,
    model         text NOT NULL,
    prompt        text NOT NULL,               -- name and hash
    queries       integer NOT NULL,
    input_tokens  integer NOT NULL,
    output_tokens integer NOT NULL,
    cost          double precision,            -- US dollars; null: a price is unknown
    seconds       double precision NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX turns_by_tenant ON turns (tenant, created_at);
CREATE INDEX turns_by_thread ON turns (thread_id);
ALTER TABLE turns ENABLE ROW LEVEL SECURITY;
CREATE POLICY member_adds ON turns FOR INSERT TO kairos_member
    WITH CHECK (tenant = current_setting('kairos.tenant', true));
GRANT INSERT ON turns TO kairos_member;
