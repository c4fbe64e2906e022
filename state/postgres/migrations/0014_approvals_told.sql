-- What KAIROS_APPROVALS_WEBHOOK has yet to be told of an approval, until it has taken it; approvals that stand already are
-- told of no more.
ALTER TABLE approvals
    ADD COLUMN untold text CHECK (untold IN ('asked', 'reminder', 'expired')),
    ADD COLUMN tell_at timestamptz;              -- not before: one server tells, and another only if that did not work
ALTER TABLE approvals ALTER COLUMN untold SET DEFAULT 'asked', ALTER COLUMN tell_at SET DEFAULT now();
CREATE INDEX approvals_untold ON approvals (tell_at) WHERE untold IS NOT NULL AND status IN ('pending', 'expired');
