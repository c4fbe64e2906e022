"""Whether a text that is still being written may be about to spell the canary."""

import codecs

LEAST = 2
"""Letters of the canary that count as its beginning: one stands at the end of every tenth sentence."""


def begun(text: str, canary: str, reach: int) -> int:
    """How many characters at the end of a text may be the beginning of the canary, at most `reach`.

    Its letters and digits in their order, whatever stands between, whatever case; backwards and in rot13 too.
    """
    letters = [(at, sign.lower()) for at, sign in enumerate(text[-reach:]) if sign.isalnum()]
    said, wanted = "".join(sign[:1] for _, sign in letters), "".join(filter(str.isalnum, canary.lower()))
    longest = 0
    for form in (wanted, wanted[::-1], codecs.encode(wanted, "rot13")):
        sizes = range(min(len(form), len(said)), LEAST - 1, -1)
        longest = max(longest, next((size for size in sizes if said.endswith(form[:size])), 0))
    return len(text[-reach:]) - letters[-longest][0] if longest else 0
