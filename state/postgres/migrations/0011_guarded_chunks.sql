-- What the guard made of each chunk when it was stored: how much what is read there looks like instructions to the
-- assistant, and where. Null: not looked at yet; it is then looked at in the turn that finds it.
ALTER TABLE chunks
    ADD suspicion       double precision,          -- 0 to 1
    ADD suspicion_start integer,                   -- characters of what is read with its title and headings above it
    ADD suspicion_end   integer,
    ADD suspicion_by    text;                      -- the version of the guard's weights
