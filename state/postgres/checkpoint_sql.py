"""The statements of the saver, on the tables that LangGraph's own setup makes."""

SETTLED = "(SELECT 1)"
RELAXED = "(SELECT set_config('synchronous_commit', 'off', true))"
PUT = """
WITH stored AS (
    INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
    SELECT %(thread)s, %(ns)s, *
    FROM unnest(%(channels)s::text[], %(versions)s::text[], %(types)s::text[], %(blobs)s::bytea[])
    ON CONFLICT DO NOTHING
)
INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
SELECT %(thread)s, %(ns)s, %(id)s, %(parent)s, %(checkpoint)s, %(metadata)s FROM {commit} AS commit
ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
DO UPDATE SET checkpoint = excluded.checkpoint, metadata = excluded.metadata
"""
PUT_WRITES = """
INSERT INTO checkpoint_writes
    (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob)
SELECT %(thread)s, %(ns)s, %(id)s, %(task)s, %(path)s, idx, channel, type, blob
FROM unnest(%(idx)s::int[], %(channels)s::text[], %(types)s::text[], %(blobs)s::bytea[])
    AS written (idx, channel, type, blob), {commit} AS commit
ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
"""
KEEP = "DO NOTHING"
REPLACE = "DO UPDATE SET channel = excluded.channel, type = excluded.type, blob = excluded.blob"
DELETE_FOR_RUNS = """
WITH doomed AS (
    DELETE FROM checkpoints WHERE metadata ->> 'run_id' = ANY (%(runs)s)
    RETURNING thread_id, checkpoint_ns, checkpoint_id, checkpoint -> 'channel_versions' AS versions
), writes AS (
    DELETE FROM checkpoint_writes w USING doomed d
    WHERE (w.thread_id, w.checkpoint_ns, w.checkpoint_id) = (d.thread_id, d.checkpoint_ns, d.checkpoint_id)
), freed AS (
    SELECT DISTINCT thread_id, checkpoint_ns, v.key AS channel, v.value AS version
    FROM doomed, jsonb_each_text(versions) AS v
)
DELETE FROM checkpoint_blobs b USING freed f
WHERE (b.thread_id, b.checkpoint_ns, b.channel, b.version)
    = (f.thread_id, f.checkpoint_ns, f.channel, f.version)
AND NOT EXISTS (
    SELECT FROM checkpoints c
    WHERE c.thread_id = f.thread_id AND c.checkpoint_ns = f.checkpoint_ns
    AND c.checkpoint -> 'channel_versions' ->> f.channel = f.version
    AND coalesce(c.metadata ->> 'run_id', '') <> ALL (%(runs)s)
)
"""
COPY_THREAD = """
WITH blobs AS (
    INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
    SELECT %(target)s, checkpoint_ns, channel, version, type, blob
    FROM checkpoint_blobs WHERE thread_id = %(source)s ON CONFLICT DO NOTHING
), writes AS (
    INSERT INTO checkpoint_writes
        (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob)
    SELECT %(target)s, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob
    FROM checkpoint_writes WHERE thread_id = %(source)s ON CONFLICT DO NOTHING
)
INSERT INTO checkpoints
    (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
SELECT %(target)s, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint,
    CASE WHEN metadata ? 'thread_id' THEN metadata || jsonb_build_object('thread_id', %(target)s::text)
         ELSE metadata END
FROM checkpoints WHERE thread_id = %(source)s ON CONFLICT DO NOTHING
"""
EXPIRED = """
SELECT thread_id FROM checkpoints GROUP BY thread_id
HAVING max((checkpoint ->> 'ts')::timestamptz) < now() - %s
"""
