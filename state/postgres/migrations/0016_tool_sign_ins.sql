-- Tokens of tool servers at which people sign in, each for one person alone. What is secret is sealed (state/sealing.py).
-- Times are UTC.
CREATE TABLE tool_sign_ins (
    tenant     text NOT NULL,
    principal  text NOT NULL,
    server     text NOT NULL,
    url        text NOT NULL,                      -- whom the tokens are for: they are never shown to another address
    sealed     bytea NOT NULL,
    busy_until timestamptz,                        -- some process refreshes them until then
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, principal, server)
);

-- Those who are on their way: one a person and server, taken once.
CREATE TABLE tool_sign_ins_begun (
    tenant       text NOT NULL,
    principal    text NOT NULL,
    server       text NOT NULL,
    url          text NOT NULL,
    state_sha256 text NOT NULL,                    -- of the unguessable state with which the browser comes back
    sealed       bytea NOT NULL,
    expires_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, principal, server)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tool_sign_ins', 'tool_sign_ins_begun']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY owner_signs_in ON %I TO kairos_member '
            'USING (tenant = current_setting(''kairos.tenant'', true) AND principal = current_setting(''kairos.principal'', true)) '
            'WITH CHECK (tenant = current_setting(''kairos.tenant'', true) AND principal = current_setting(''kairos.principal'', true))',
            name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kairos_member', name);
    END LOOP;
END $$;
