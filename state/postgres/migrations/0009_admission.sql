-- Who may call models, what they may spend and how fast, and what each call took. Money is nano-dollars, times are UTC.
-- `admit_calls` is all that a call needs of the database (docs/adr/0019); everything it locks, it locks in one order:
-- reservations, calls, new rows, spending, rate_counters, each by its key.
DO $$ BEGIN
    CREATE ROLE kairos_accountant NOLOGIN NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- roles belong to the cluster: another database was first
END $$;
GRANT kairos_accountant TO CURRENT_USER;

CREATE TABLE api_keys (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text NOT NULL,
    name       text NOT NULL,
    principal  text NOT NULL,                      -- the user that it acts for
    team       text,
    groups     text[] NOT NULL DEFAULT '{}',
    models     text[] NOT NULL DEFAULT '{}',       -- those it may ask for; none: all
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (tenant, name) WHERE revoked_at IS NULL;

-- A key has one secret, and while it is being rotated an old one too.
CREATE TABLE api_key_secrets (
    sha256     bytea PRIMARY KEY,
    key        integer NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    prefix     text NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_key_secrets_by_key ON api_key_secrets (key);

CREATE TABLE budgets (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('key', 'user', 'team', 'tenant')),
    subject    text NOT NULL,                      -- a key's number, a name, or *: each of the kind has this much
    period     text NOT NULL CHECK (period IN ('run', 'day', 'month', 'total')),
    nano_usd   bigint NOT NULL CHECK (nano_usd >= 0),
    at_limit   text NOT NULL CHECK (at_limit IN ('refuse', 'queue', 'downgrade')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, kind, subject, period)
);

CREATE TABLE spending (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget   integer NOT NULL REFERENCES budgets ON DELETE CASCADE,
    subject  text NOT NULL,
    stretch  text NOT NULL,                        -- the run, day or month; empty: total
    spent    bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    UNIQUE (budget, subject, stretch)
) WITH (fillfactor = 50);                          -- changed with every call: in place

CREATE TABLE rate_limits (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text NOT NULL,                      -- empty: a model's or everybody's
    kind       text NOT NULL CHECK (kind IN ('key', 'user', 'team', 'tenant', 'model', 'global')),
    subject    text NOT NULL,                      -- as in budgets; a deployment's name for a model
    measure    text NOT NULL CHECK (measure IN ('requests', 'tokens')),
    amount     bigint NOT NULL CHECK (amount > 0), -- in so many seconds
    seconds    double precision NOT NULL CHECK (seconds > 0),
    algorithm  text NOT NULL CHECK (algorithm IN ('token_bucket', 'sliding_window')),
    most       bigint NOT NULL CHECK (most > 0),   -- a bucket's size; of a window its amount
    at_limit   text NOT NULL CHECK (at_limit IN ('refuse', 'queue')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, kind, subject, measure, seconds)
);

CREATE TABLE rate_counters (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rate_limit integer NOT NULL REFERENCES rate_limits ON DELETE CASCADE,
    subject    text NOT NULL,
    used       double precision NOT NULL DEFAULT 0, -- what is missing in the bucket, or was used in this window
    previous   double precision NOT NULL DEFAULT 0, -- used in the window before
    position   double precision NOT NULL DEFAULT 0, -- seconds since this window began, when last seen
    turn       bigint NOT NULL DEFAULT 0,           -- the number of this window
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (rate_limit, subject)
) WITH (fillfactor = 50);

CREATE TABLE reservations (
    id         uuid PRIMARY KEY,
    tenant     text NOT NULL,
    principal  text NOT NULL,
    team       text,
    key        integer,
    run        text,
    model      text NOT NULL,
    deployment text NOT NULL,
    tokens     bigint NOT NULL,                    -- upper bounds
    nano_usd   bigint NOT NULL,
    spending   bigint[] NOT NULL,                  -- where nano_usd is held
    counters   bigint[] NOT NULL,                  -- where it was counted, in which window
    turns      bigint[] NOT NULL,
    lost       boolean NOT NULL DEFAULT false,     -- not settled in time: the bound stands as spent
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX reservations_by_expiry ON reservations (lost, expires_at);

-- The ledger: one row a call.
CREATE TABLE calls (
    id            uuid PRIMARY KEY,
    tenant        text NOT NULL,
    principal     text NOT NULL,
    team          text,
    key           integer,
    feature       text NOT NULL,
    node          text NOT NULL,
    model         text NOT NULL,                   -- asked for
    deployment    text NOT NULL,                   -- that answered
    input_tokens  bigint NOT NULL,
    cached_tokens bigint NOT NULL,                 -- of these
    output_tokens bigint NOT NULL,
    nano_usd      bigint,                          -- null: the price is unknown
    seconds       double precision NOT NULL,
    first_token_s double precision,
    attempts      integer NOT NULL,
    route         text[] NOT NULL,                 -- reasons
    prompt_hash   text,
    trace_id      text,
    run           text,
    status        text NOT NULL CHECK (status IN ('ok', 'cut', 'disconnected', 'failed', 'refused', 'lost')),
    code          text NOT NULL,
    created_at    timestamptz NOT NULL
);
CREATE INDEX calls_by_tenant ON calls (tenant, created_at);

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE spending ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
CREATE POLICY accountant_keeps ON api_keys TO kairos_accountant
    USING (tenant = current_setting('kairos.tenant', true));
CREATE POLICY accountant_keeps ON api_key_secrets TO kairos_accountant
    USING (EXISTS (SELECT FROM api_keys WHERE id = key));
CREATE POLICY accountant_keeps ON budgets TO kairos_accountant
    USING (tenant = current_setting('kairos.tenant', true));
CREATE POLICY accountant_reads ON spending FOR SELECT TO kairos_accountant
    USING (EXISTS (SELECT FROM budgets WHERE id = budget));
CREATE POLICY accountant_keeps ON rate_limits TO kairos_accountant
    USING (tenant = current_setting('kairos.tenant', true));
CREATE POLICY accountant_reads ON calls FOR SELECT TO kairos_accountant
    USING (tenant = current_setting('kairos.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys, api_key_secrets, budgets, rate_limits TO kairos_accountant;
GRANT SELECT ON spending, calls TO kairos_accountant;

-- What a caller asks for. `n` is its place in the batch.
CREATE TYPE call_ask AS (
    n integer, id uuid, tenant text, principal text, team text, key integer, run text, model text, deployment text,
    tokens bigint, nano_usd bigint, seconds double precision
);

-- The kinds and names that a call's budgets and limits hang on.
CREATE FUNCTION subjects_of(a call_ask) RETURNS TABLE (tenant text, kind text, subject text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT w.* FROM (VALUES (a.tenant, 'tenant', a.tenant), (a.tenant, 'user', a.principal), (a.tenant, 'team', a.team),
        (a.tenant, 'key', a.key::text), ('', 'model', a.deployment), ('', 'global', '')) AS w (tenant, kind, subject)
    WHERE w.subject IS NOT NULL
$$;

-- The rows that hold what the asks spend; `spending` is null where there is none yet.
CREATE FUNCTION spending_of(asks call_ask[]) RETURNS TABLE (n integer, budget integer, subject text, stretch text, spending bigint)
LANGUAGE sql STABLE AS $$
    SELECT m.n, m.budget, m.subject, m.stretch, s.id
    FROM (
        SELECT a.n, b.id AS budget, w.subject, CASE b.period
            WHEN 'run' THEN a.run
            WHEN 'day' THEN to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            WHEN 'month' THEN to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')
            ELSE '' END AS stretch
        FROM unnest(asks) AS a CROSS JOIN LATERAL subjects_of(a) AS w
            JOIN budgets b ON b.tenant = w.tenant AND b.kind = w.kind AND b.subject IN (w.subject, '*')
    ) m LEFT JOIN spending s ON s.budget = m.budget AND s.subject = m.subject AND s.stretch = m.stretch
    WHERE m.stretch IS NOT NULL
$$;

-- The same for rates.
CREATE FUNCTION counters_of(asks call_ask[]) RETURNS TABLE (n integer, rate_limit integer, subject text, counter bigint)
LANGUAGE sql STABLE AS $$
    SELECT a.n, l.id, w.subject, c.id
    FROM unnest(asks) AS a CROSS JOIN LATERAL subjects_of(a) AS w
        JOIN rate_limits l ON l.tenant = w.tenant AND l.kind = w.kind AND l.subject IN (w.subject, '*')
        LEFT JOIN rate_counters c ON c.rate_limit = l.id AND c.subject = w.subject
$$;

-- Write ledger rows; those that were written, and whether for the first time or in place of a lost one.
CREATE FUNCTION record_calls(records jsonb) RETURNS TABLE (id uuid, fresh boolean)
LANGUAGE sql AS $$
    INSERT INTO calls AS c SELECT (jsonb_populate_record(NULL::calls, r)).* FROM jsonb_array_elements(records) AS r
        ORDER BY r ->> 'id'
    ON CONFLICT (id) DO UPDATE SET (deployment, feature, node, input_tokens, cached_tokens, output_tokens, nano_usd, seconds,
            first_token_s, attempts, route, prompt_hash, trace_id, status, code, created_at)
        = (excluded.deployment, excluded.feature, excluded.node, excluded.input_tokens, excluded.cached_tokens,
            excluded.output_tokens, excluded.nano_usd, excluded.seconds, excluded.first_token_s, excluded.attempts,
            excluded.route, excluded.prompt_hash, excluded.trace_id, excluded.status, excluded.code, excluded.created_at)
        WHERE c.status = 'lost'
    RETURNING c.id, c.xmax = 0  -- a row that was updated carries its locker
$$;

-- Bring locked counters up to now. A clock that was set back is as if no time had passed.
CREATE FUNCTION roll_counters(ids bigint[]) RETURNS void
LANGUAGE sql AS $$
    UPDATE rate_counters c SET seen_at = r.at, turn = c.turn + r.passed, position = r.position - r.passed * r.seconds,
        used = CASE WHEN r.bucket THEN greatest(0, c.used - r.elapsed * r.amount / r.seconds)
                    WHEN r.passed = 0 THEN c.used ELSE 0 END,
        previous = CASE r.passed WHEN 0 THEN c.previous WHEN 1 THEN c.used ELSE 0 END
    FROM (
        SELECT e.*, CASE WHEN e.bucket THEN 0 ELSE floor(e.position / e.seconds) END::bigint AS passed
        FROM (
            SELECT k.id, l.amount, l.seconds, l.algorithm = 'token_bucket' AS bucket, t.at, d.elapsed,
                CASE l.algorithm WHEN 'token_bucket' THEN 0 ELSE k.position + d.elapsed END AS position
            FROM rate_counters k JOIN rate_limits l ON l.id = k.rate_limit, (SELECT clock_timestamp() AS at OFFSET 0) t,
                LATERAL (SELECT greatest(0, extract(epoch FROM t.at - k.seen_at))::double precision AS elapsed) d
            WHERE k.id = ANY (ids)
        ) e
    ) r WHERE r.id = c.id
$$;

-- Seconds until `n` more may be used, 0: now, infinity: never. A token bucket, told by what is missing in it (ITU-T I.371),
-- or a window that slides over two counts (Cloudflare, "How we built rate limiting", 2017).
CREATE FUNCTION rate_wait(c rate_counters, l rate_limits, n double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN c.used + c.previous * (1 - c.position / l.seconds) + n <= l.most THEN 0
        WHEN n > l.most THEN 'infinity'
        WHEN l.algorithm = 'token_bucket' THEN (c.used + n - l.most) * l.seconds / l.amount
        WHEN c.used + n <= l.most THEN l.seconds * (1 - (l.most - n - c.used) / c.previous) - c.position
        ELSE l.seconds - c.position + l.seconds * (1 - (l.most - n) / c.used)
    END
$$;

-- Release what the written calls had reserved, and count what they cost; `loose` spending is of calls that had reserved
-- nothing. All rows are locked and the counters rolled.
CREATE FUNCTION settle_calls(written uuid[], loose bigint[], loose_nano bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE spending s SET spent = s.spent + d.spent, reserved = s.reserved - d.released
    FROM (
        SELECT u.id, sum(u.spent) AS spent, sum(u.released) AS released FROM (
            SELECT unnest(r.spending) AS id, coalesce(c.nano_usd, 0) - CASE WHEN r.lost THEN r.nano_usd ELSE 0 END AS spent,
                CASE WHEN r.lost THEN 0 ELSE r.nano_usd END AS released
            FROM reservations r JOIN calls c ON c.id = r.id WHERE r.id = ANY (written)
            UNION ALL SELECT id, nano, 0 FROM unnest(loose, loose_nano) AS l (id, nano)
        ) u GROUP BY u.id
    ) d WHERE s.id = d.id;

    UPDATE rate_counters c
        SET used = greatest(0, c.used + d.used), previous = greatest(0, c.previous + d.previous)
    FROM (
        SELECT u.counter, sum(CASE WHEN u.turn = k.turn OR more > 0 THEN more ELSE 0 END) AS used,
            sum(CASE WHEN u.turn = k.turn - 1 AND more < 0 THEN more ELSE 0 END) AS previous
        FROM reservations r JOIN calls w ON w.id = r.id CROSS JOIN LATERAL unnest(r.counters, r.turns) AS u (counter, turn)
            JOIN rate_counters k ON k.id = u.counter JOIN rate_limits l ON l.id = k.rate_limit AND l.measure = 'tokens'
            CROSS JOIN LATERAL (SELECT w.input_tokens + w.output_tokens - r.tokens AS more) m
        WHERE r.id = ANY (written) GROUP BY u.counter
    ) d WHERE c.id = d.counter;

    DELETE FROM reservations WHERE id = ANY (written);
END $$;

-- Decide one ask, and reserve it wholly or not at all. Its rows are locked and its counters rolled.
CREATE FUNCTION decide_call(a call_ask, mine bigint[], counted bigint[]) RETURNS TABLE (
    code text, cause jsonb, retry_after double precision, remaining bigint, policy text, warnings jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    held reservations;
    need bigint;
    at timestamp := clock_timestamp() AT TIME ZONE 'UTC';
BEGIN
    warnings := '[]';
    policy := '';
    IF a.key IS NOT NULL THEN
        SELECT CASE WHEN k.revoked_at IS NOT NULL THEN 'key_revoked' WHEN k.expires_at <= clock_timestamp() THEN 'key_expired' END
            INTO code FROM api_keys k WHERE k.id = a.key AND k.tenant = a.tenant;
        IF code IS NOT NULL OR NOT FOUND THEN
            code := coalesce(code, 'key_revoked');
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;

    SELECT * INTO held FROM reservations r WHERE r.id = a.id;
    IF FOUND THEN  -- a dearer deployment: the difference, where the rest is held
        mine := held.spending;
        counted := ARRAY(SELECT unnest(counted) EXCEPT SELECT unnest(held.counters));
    END IF;
    need := greatest(0, a.nano_usd - coalesce(held.nano_usd, 0));

    IF mine <> '{}' THEN
        SELECT 'budget_exceeded', jsonb_build_object('kind', b.kind, 'subject', s.subject, 'period', b.period, 'nano_usd', b.nano_usd),
            b.at_limit, CASE b.period WHEN 'day' THEN extract(epoch FROM date_trunc('day', at) + interval '1 day' - at)
                                      WHEN 'month' THEN extract(epoch FROM date_trunc('month', at) + interval '1 month' - at) END
            INTO code, cause, policy, retry_after
            FROM spending s JOIN budgets b ON b.id = s.budget
            WHERE s.id = ANY (mine) AND need > 0 AND b.nano_usd - s.spent - s.reserved < need
            ORDER BY array_position(ARRAY['refuse', 'queue', 'downgrade'], b.at_limit), b.nano_usd - s.spent - s.reserved LIMIT 1;
    END IF;
    IF code IS NULL AND counted <> '{}' THEN
        SELECT 'rate_limited', jsonb_build_object('kind', l.kind, 'subject', c.subject, 'measure', l.measure, 'amount', l.amount,
                'seconds', l.seconds, 'most', l.most, 'asked', n.n), l.at_limit, nullif(w.wait, 'infinity')
            INTO code, cause, policy, retry_after
            FROM rate_counters c JOIN rate_limits l ON l.id = c.rate_limit
                CROSS JOIN LATERAL (SELECT CASE l.measure WHEN 'tokens' THEN a.tokens ELSE 1 END AS n) n
                CROSS JOIN LATERAL (SELECT rate_wait(c, l, n.n) AS wait) w
            WHERE c.id = ANY (counted) AND w.wait > 0
            ORDER BY w.wait DESC LIMIT 1;
    END IF;
    code := coalesce(code, '');
    policy := coalesce(policy, '');

    IF code = '' THEN
        IF need > 0 THEN
            UPDATE spending s SET reserved = s.reserved + CASE WHEN held.lost THEN 0 ELSE need END,
                spent = s.spent + CASE WHEN held.lost THEN need ELSE 0 END
                WHERE s.id = ANY (mine);
        END IF;
        IF counted <> '{}' THEN
            UPDATE rate_counters c SET used = c.used + CASE l.measure WHEN 'tokens' THEN a.tokens ELSE 1 END
                FROM rate_limits l WHERE l.id = c.rate_limit AND c.id = ANY (counted);
        END IF;
        IF held.id IS NULL THEN
            INSERT INTO reservations
                VALUES (a.id, a.tenant, a.principal, a.team, a.key, a.run, a.model, a.deployment, a.tokens, a.nano_usd, mine,
                    counted, turns_of(counted), false, clock_timestamp() + make_interval(secs => a.seconds));
        ELSE
            UPDATE reservations r SET nano_usd = r.nano_usd + need, deployment = a.deployment,
                counters = r.counters || counted, turns = r.turns || turns_of(counted),
                expires_at = greatest(r.expires_at, clock_timestamp() + make_interval(secs => a.seconds))
                WHERE r.id = a.id;
        END IF;
    END IF;

    IF mine <> '{}' THEN
        SELECT min(b.nano_usd - s.spent - s.reserved), coalesce(jsonb_agg(jsonb_build_object('kind', b.kind, 'subject', s.subject,
                'period', b.period, 'percent', floor(100.0 * (s.spent + s.reserved) / greatest(b.nano_usd, 1))) ORDER BY b.id)
                FILTER (WHERE code = '' AND 5 * (s.spent + s.reserved) >= 4 * b.nano_usd), '[]')
            INTO remaining, warnings FROM spending s JOIN budgets b ON b.id = s.budget WHERE s.id = ANY (mine);
    END IF;
    RETURN NEXT;
END $$;

-- The windows that counters are in.
CREATE FUNCTION turns_of(ids bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(c.turn ORDER BY u.place), '{}')
    FROM unnest(ids) WITH ORDINALITY AS u (id, place) JOIN rate_counters c ON c.id = u.id
$$;

-- One batch of one process: settlements first, then asks in their order. `ids` are those of both.
CREATE FUNCTION admit_calls(asked jsonb, records jsonb, ids uuid[]) RETURNS TABLE (
    n integer, code text, cause jsonb, retry_after double precision, remaining bigint, policy text, warnings jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    asks call_ask[] := ARRAY(SELECT r FROM jsonb_populate_recordset(NULL::call_ask, asked) AS r);
    loose call_ask[] := '{}';   -- settled and never reserved: they count all the same, under negative numbers
    written uuid[] := '{}';
    spending_n integer[]; spending_id bigint[]; counter_n integer[]; counter_id bigint[];
    held_spending bigint[]; held_counters bigint[];
    a call_ask;
BEGIN
    PERFORM FROM reservations r WHERE r.id = ANY (ids) ORDER BY r.id FOR UPDATE;
    IF FOUND THEN
        SELECT array_agg(u.id) INTO held_spending FROM reservations r, unnest(r.spending) AS u (id) WHERE r.id = ANY (ids);
        SELECT array_agg(u.id) INTO held_counters FROM reservations r, unnest(r.counters) AS u (id) WHERE r.id = ANY (ids);
    END IF;
    IF records <> '[]' THEN
        WITH w AS MATERIALIZED (SELECT * FROM record_calls(records)), l AS (
            SELECT ROW (-row_number() OVER (), c.id, c.tenant, c.principal, c.team, c.key, c.run, c.model, c.deployment, 0,
                c.nano_usd, 0)::call_ask AS l
            FROM w JOIN jsonb_populate_recordset(NULL::calls, records) c ON c.id = w.id
            WHERE w.fresh AND c.nano_usd > 0 AND NOT EXISTS (SELECT FROM reservations r WHERE r.id = w.id))
        SELECT ARRAY(SELECT w.id FROM w), ARRAY(SELECT l.l FROM l) INTO written, loose;
    END IF;

    SELECT array_agg(m.n), array_agg(m.spending) INTO spending_n, spending_id FROM spending_of(asks || loose) m;
    IF array_position(spending_id, NULL) IS NOT NULL THEN
        INSERT INTO spending (budget, subject, stretch)
            SELECT DISTINCT m.budget, m.subject, m.stretch FROM spending_of(asks || loose) m WHERE m.spending IS NULL
            ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
        SELECT array_agg(m.n), array_agg(m.spending) INTO spending_n, spending_id FROM spending_of(asks || loose) m;
    END IF;
    SELECT array_agg(m.n), array_agg(m.counter) INTO counter_n, counter_id FROM counters_of(asks) m;
    IF array_position(counter_id, NULL) IS NOT NULL THEN
        INSERT INTO rate_counters (rate_limit, subject)
            SELECT DISTINCT m.rate_limit, m.subject FROM counters_of(asks) m WHERE m.counter IS NULL
            ORDER BY 1, 2 ON CONFLICT DO NOTHING;
        SELECT array_agg(m.n), array_agg(m.counter) INTO counter_n, counter_id FROM counters_of(asks) m;
    END IF;

    IF spending_id || held_spending <> '{}' THEN
        PERFORM FROM spending s WHERE s.id = ANY (spending_id || held_spending) ORDER BY s.id FOR UPDATE;
    END IF;
    IF counter_id || held_counters <> '{}' THEN
        PERFORM FROM rate_counters c WHERE c.id = ANY (counter_id || held_counters) ORDER BY c.id FOR UPDATE;
        PERFORM roll_counters(counter_id || held_counters);
    END IF;
    IF written <> '{}' THEN
        PERFORM settle_calls(written, ARRAY(SELECT u.id FROM unnest(spending_n, spending_id) AS u (n, id) WHERE u.n < 0 ORDER BY u.n),
            ARRAY(SELECT l.nano_usd FROM unnest(spending_n) AS u (n) JOIN unnest(loose) AS l ON l.n = u.n WHERE u.n < 0 ORDER BY u.n));
    END IF;
    FOREACH a IN ARRAY asks LOOP
        RETURN QUERY SELECT a.n, d.* FROM decide_call(a,
            ARRAY(SELECT u.id FROM unnest(spending_n, spending_id) AS u (n, id) WHERE u.n = a.n),
            ARRAY(SELECT u.id FROM unnest(counter_n, counter_id) AS u (n, id) WHERE u.n = a.n)) d;
    END LOOP;
END $$;

-- What was not settled in time is counted as spent at its bound; a late settlement of the next day corrects that.
-- Returns how many were lost. One that waits to be settled right now is left to it.
CREATE FUNCTION sweep_reservations() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    over uuid[];
    gone uuid[];
BEGIN
    SELECT array_agg(r.id) INTO over FROM (SELECT id FROM reservations WHERE NOT lost AND expires_at < clock_timestamp()
        LIMIT 500 FOR UPDATE SKIP LOCKED) r;
    IF over IS NOT NULL THEN
        -- A call that is in the ledger has been counted: a reservation that came after it is only released.
        WITH w AS (INSERT INTO calls SELECT id, tenant, principal, team, key, '', '', model, deployment, tokens, 0, 0, nano_usd,
                0, NULL, 0, '{}', NULL, NULL, run, 'lost', 'lost', clock_timestamp()
            FROM reservations WHERE id = ANY (over) ORDER BY id ON CONFLICT DO NOTHING RETURNING id)
        SELECT ARRAY(SELECT id FROM w) INTO gone;
        PERFORM FROM spending WHERE id IN (SELECT unnest(spending) FROM reservations WHERE id = ANY (over)) ORDER BY id FOR UPDATE;
        UPDATE spending s SET reserved = s.reserved - d.nano, spent = s.spent + d.lost
            FROM (SELECT u.id, sum(r.nano_usd) AS nano, coalesce(sum(r.nano_usd) FILTER (WHERE r.id = ANY (gone)), 0) AS lost
                FROM reservations r, unnest(r.spending) AS u (id) WHERE r.id = ANY (over) GROUP BY u.id) d
            WHERE s.id = d.id;
        UPDATE reservations SET lost = true WHERE id = ANY (gone);
        DELETE FROM reservations WHERE id = ANY (over) AND NOT id = ANY (gone);
    END IF;
    DELETE FROM reservations WHERE lost AND expires_at < clock_timestamp() - interval '1 day';
    RETURN coalesce(cardinality(gone), 0);
END $$;
