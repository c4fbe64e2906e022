"""URLs as people give them: which are fetched, and in which form they are kept."""

from urllib.parse import urlsplit

from state.errors import KairosError


def clean(url: str) -> str:
    """A URL in its lasting form: scheme and host in small letters, without fragment.

    Raises KairosError `source_invalid` unless it is http or https without user or password, which are never repeated.
    """
    import httpx

    try:
        parsed = httpx.URL(url.strip())
        host = parsed.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise KairosError("source_invalid", f"{_harmless(url)} is not a URL.") from error
    if parsed.scheme not in ("http", "https") or not host:
        raise KairosError("source_invalid", f"{_harmless(url)} is not an http or https URL.")
    if parsed.userinfo:
        raise KairosError(
            "source_invalid", f"{_harmless(url)} holds a user or password: give the URL without them."
        )
    return str(parsed.copy_with(fragment=None))


def host_of(url: str) -> str:
    """The host of a clean URL."""
    return urlsplit(url).hostname or ""


def _harmless(url: str) -> str:
    """As much of a URL as can hold no password."""
    whole = url.strip().rpartition("@")[2] if "@" in url else url.strip()
    return repr(whole[:200])
