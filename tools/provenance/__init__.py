"""Whether a tool call does what its user asked for, or what a text that the model read asked for.

The surface: `sources.Sources` (add every text that the model sees, with its `state.provenance.Origin`),
`decide.decide(call, sources, policy)` before a call is made, `derived.origins_of(value, sources)` to show where a
value comes from, `spotlight.spotlight(text, origin, mark)` and `spotlight.RULE` for prompts. docs/adr/0029.
"""
