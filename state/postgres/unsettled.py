"""Settlements that wait to be written: in the order of their calls, bounded, and how soon they are due."""

import logging
from collections import deque
from collections.abc import Sequence
from uuid import UUID

from state.postgres.calls import CallRecord
from state.postgres.verdicts import Ask

MOST = 500
"""Settlements in one batch."""
KEPT = 10_000
"""Settlements that wait at most while the database is gone."""

log = logging.getLogger(__name__)


class Unsettled:
    """`due`: the next batch takes them along. What exceeds the bound that was reserved is due at once."""

    def __init__(self) -> None:
        self.due = False
        self._records: deque[CallRecord] = deque()
        self._asked: dict[UUID, Ask] = {}
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._records)

    def reserved(self, ask: Ask) -> None:
        """A call may have reserved so much."""
        self._asked[ask.id] = ask

    def add(self, record: CallRecord) -> None:
        """A call is over."""
        asked = self._asked.pop(record.id, None)
        self.due = self.due or asked is None or _exceeds(record, asked)
        self._records.append(record)
        self._keep_bounded()

    def take(self) -> list[CallRecord]:
        """The next batch; what is left over stays due."""
        taken = [self._records.popleft() for _ in range(min(MOST, len(self._records)))]
        self.due = self.due and bool(self._records)
        return taken

    def put_back(self, records: Sequence[CallRecord]) -> None:
        """A batch could not be written."""
        self._records.extendleft(reversed(records))
        self._keep_bounded()

    def _keep_bounded(self) -> None:
        while len(self._records) > KEPT:
            self._records.popleft()
            self._dropped += 1
            if self._dropped % 1000 == 1:
                log.error("%d settlements of calls dropped: %d wait already", self._dropped, KEPT)


def _exceeds(record: CallRecord, asked: Ask) -> bool:
    tokens = record.input_tokens + record.output_tokens
    return (record.nano_usd or 0) > asked.nano_usd or tokens > asked.tokens
