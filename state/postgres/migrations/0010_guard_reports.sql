-- What guards found in a turn, and which of it an asker called a false alarm. Never the text, nor where in it.
CREATE TABLE guard_verdicts (
    tenant     text NOT NULL,
    principal  text NOT NULL,
    trace_id   text NOT NULL,
    number     integer NOT NULL,               -- in the turn; a resumed turn is recorded once
    direction  text NOT NULL,
    check_name text NOT NULL,
    rule       text NOT NULL,
    code       text NOT NULL,
    action     text NOT NULL,
    policy     text NOT NULL,                  -- name and hash
    dry_run    boolean NOT NULL,               -- the action was not taken
    hits       integer NOT NULL,               -- so many places
    score      double precision NOT NULL,      -- the highest
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, trace_id, number)
);
CREATE INDEX guard_verdicts_by_time ON guard_verdicts (tenant, created_at);

CREATE TABLE guard_reports (
    tenant     text NOT NULL,
    principal  text NOT NULL,
    trace_id   text NOT NULL,
    check_name text NOT NULL,
    rule       text NOT NULL,
    code       text NOT NULL,
    policy     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, trace_id, check_name, rule, principal)
);
CREATE INDEX guard_reports_by_time ON guard_reports (tenant, created_at);

ALTER TABLE guard_verdicts ENABLE ROW LEVEL SECURITY;
ALTER TABLE guard_reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY member_adds ON guard_verdicts FOR INSERT TO kairos_member
    WITH CHECK (tenant = current_setting('kairos.tenant', true));
CREATE POLICY member_reads ON guard_verdicts FOR SELECT TO kairos_member
    USING (tenant = current_setting('kairos.tenant', true));
CREATE POLICY member_adds ON guard_reports FOR INSERT TO kairos_member
    WITH CHECK (tenant = current_setting('kairos.tenant', true));
CREATE POLICY member_reads ON guard_reports FOR SELECT TO kairos_member
    USING (tenant = current_setting('kairos.tenant', true));
GRANT SELECT, INSERT ON guard_verdicts, guard_reports TO kairos_member;
