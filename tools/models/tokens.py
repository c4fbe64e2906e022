"""How many tokens a request may have, before any provider has counted them."""

from collections.abc import Mapping
from typing import Any

import orjson

BYTES_A_TOKEN = 2


def input_bound(body: Mapping[str, Any]) -> int:
    return len(orjson.dumps(body)) // BYTES_A_TOKEN
