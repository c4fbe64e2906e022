-- What agents do to the world: intents and outcomes of tool calls, approvals, kill switches, runs that went wrong.
-- Times are UTC.
CREATE TABLE agent_runs (
    thread_id  text PRIMARY KEY,
    tenant     text NOT NULL,
    principal  text NOT NULL,
    groups     text[] NOT NULL DEFAULT '{}',       -- the asker's, to go on as the asker after an approval
    agent      text NOT NULL,
    machine    text NOT NULL,                      -- the graph whose thread it is
    status     text NOT NULL CHECK (status IN ('running', 'waiting', 'done', 'stopped', 'failed')),
    error      text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX agent_runs_by_tenant ON agent_runs (tenant, status, updated_at);

-- The intent is written before a call, its outcome after it: what stands as intended after a crash is unknown.
CREATE TABLE tool_calls (
    id          uuid PRIMARY KEY,                  -- the idempotency key that the tool is given too
    tenant      text NOT NULL,
    principal   text NOT NULL,
    thread_id   text NOT NULL,
    tool        text NOT NULL,
    risk        text NOT NULL CHECK (risk IN ('read', 'write', 'destructive', 'outward', 'money')),
    arguments   jsonb NOT NULL,
    status      text NOT NULL DEFAULT 'intended' CHECK (status IN ('intended', 'done', 'failed', 'unknown')),
    outcome     jsonb,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX tool_calls_by_thread ON tool_calls (thread_id, created_at);
CREATE INDEX tool_calls_by_tenant ON tool_calls (tenant, created_at);

CREATE TABLE approvals (
    id          uuid PRIMARY KEY,                  -- of the tool call
    tenant      text NOT NULL,
    principal   text NOT NULL,                     -- on whose behalf it would be done
    thread_id   text NOT NULL,
    tool        text NOT NULL,
    risk        text NOT NULL,
    arguments   jsonb NOT NULL,
    description text NOT NULL,                     -- Markdown: what exactly will happen, and why it is asked
    approvers   text[] NOT NULL,                   -- groups
    own         boolean NOT NULL,                  -- whether the principal may answer too
    needed      integer NOT NULL CHECK (needed > 0),
    status      text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'accepted', 'rejected', 'expired')),
    escalate_to text[] NOT NULL DEFAULT '{}',
    escalate_at timestamptz,
    remind_at   timestamptz,
    expires_at  timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz
);
CREATE INDEX approvals_pending ON approvals (tenant, created_at) WHERE status = 'pending';
CREATE INDEX approvals_by_thread ON approvals (thread_id);

CREATE TABLE approval_answers (
    approval   uuid NOT NULL REFERENCES approvals ON DELETE CASCADE,
    tenant     text NOT NULL,
    principal  text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('accept', 'edit', 'response', 'ignore')),
    arguments  jsonb,                              -- of an edit
    note       text,                               -- of a response
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (approval, principal)
);

CREATE TABLE kill_switches (
    tenant     text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('tool', 'server', 'agent', 'tenant')),
    name       text NOT NULL,                      -- the tenant's own name for a tenant
    reason     text NOT NULL,
    principal  text NOT NULL,                      -- who threw it
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, kind, name)
);

-- A tool as it was when somebody accepted it; one that says something else now is held.
CREATE TABLE pinned_tools (
    tenant      text NOT NULL,
    tool        text NOT NULL,                     -- server.name
    sha256      text NOT NULL,                     -- of name, description, schemas and annotations
    declaration jsonb NOT NULL,
    principal   text NOT NULL,                     -- who accepted it
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, tool)
);

-- What servers say now of tools that nobody has accepted like that; one is accepted exactly as it stands here.
CREATE TABLE held_tools (
    tenant      text NOT NULL,
    tool        text NOT NULL,
    sha256      text NOT NULL,
    declaration jsonb NOT NULL,
    reason      text NOT NULL,                     -- the end of a sentence: why it is held
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, tool)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['agent_runs', 'tool_calls', 'approvals', 'approval_answers', 'kill_switches', 'pinned_tools', 'held_tools']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY member_acts ON %I TO kairos_member USING (tenant = current_setting(''kairos.tenant'', true)) '
            'WITH CHECK (tenant = current_setting(''kairos.tenant'', true))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO kairos_member', name);
    END LOOP;
END $$;
GRANT DELETE ON kill_switches, approval_answers, held_tools TO kairos_member;
