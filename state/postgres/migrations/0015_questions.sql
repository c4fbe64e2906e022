-- Tools ask people something while they run: a question is answered like an approval, with what its form asks for.
ALTER TABLE approvals ADD COLUMN form jsonb;          -- JSON Schema of the answer; none: it is about a call, not a question
ALTER TABLE tool_calls DROP CONSTRAINT tool_calls_status_check;
ALTER TABLE tool_calls ADD CONSTRAINT tool_calls_status_check
    CHECK (status IN ('intended', 'asked', 'done', 'failed', 'unknown'));
