-- Who is refused again and again is found by an index, among the refused turns alone.
CREATE INDEX turns_refused ON turns (tenant, principal, created_at) WHERE refusal IS NOT NULL;
