"""Objects of an S3-compatible bucket; keys, region and endpoint come from the usual AWS_ variables alone."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from state.errors import KairosError
from tools.access import FILE_NAMES, AccessFiles
from tools.sources.source import LARGEST, Fetched, Found, Source, shown

if TYPE_CHECKING:
    from obstore.store import S3Store

_LOCATION = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.S)
_TRY_S = 60


def check(source: Source) -> None:
    """s3://bucket or s3://bucket/prefix."""
    _split(source)


def own_means(source: Source) -> str:
    """The location: it is read with this machine's keys."""
    return source.location


async def list_files(source: Source, groups: Sequence[str]) -> list[Found]:
    """The objects under the prefix, with the ETag as stamp; hidden ones and the markers of folders are passed over."""
    bucket, prefix = _split(source)
    store = _store(bucket)
    keys = await _keys(store, bucket, prefix)
    access = await _access(store, bucket, prefix, keys)
    found = []
    for key, stamp in keys.items():
        path = PurePosixPath(key)
        inside = path.relative_to(prefix)
        if path.name in FILE_NAMES or any(part.startswith(".") for part in inside.parts):
            continue
        name = shown(str(inside)) if inside.parts else shown(path.name)
        found.append(Found(f"s3://{bucket}/{key}", name, access.groups(path, groups), stamp))
    return found


async def fetch(source: Source, uri: str, stamp: str | None) -> Fetched | None:
    """The bytes of an object, unless its ETag is the stamp."""
    bucket, prefix = _split(source)
    key = uri.removeprefix(f"s3://{bucket}/")
    if not PurePosixPath(key).is_relative_to(prefix):
        raise KairosError("source_gone", f"{shown(uri)} is not under {shown(source.location)}.")
    return await _get(_store(bucket), bucket, key, stamp)


async def _keys(store: "S3Store", bucket: str, prefix: str) -> dict[str, str | None]:
    """Key to ETag, in order; raises KairosError `s3_failed`."""
    import obstore
    from obstore.exceptions import BaseError

    keys = {}
    try:
        async for part in obstore.list(store, prefix=prefix or None):
            keys.update({found["path"]: found["e_tag"] for found in part if found["size"]})
        if prefix and not keys:
            # A listing knows folders only; the location may name one object.
            found = await obstore.head_async(store, prefix)
            keys[found["path"]] = found["e_tag"]
    except FileNotFoundError:
        return {}
    except (BaseError, OSError, ValueError) as error:
        raise KairosError("s3_failed", f"The bucket {bucket} cannot be listed: {_cause(error)}.") from error
    return dict(sorted(keys.items()))


async def _access(store: "S3Store", bucket: str, prefix: str, keys: dict[str, str | None]) -> AccessFiles:
    """The access files among the keys, and those of the folders above the prefix."""
    wanted = [key for key in keys if PurePosixPath(key).name in FILE_NAMES]
    above = PurePosixPath(prefix).parents if prefix else ()
    rules = {PurePosixPath(key): (await _wanted(store, bucket, key)).data for key in wanted}
    for folder in above:
        for name in FILE_NAMES:
            try:
                rules[folder / name] = (await _wanted(store, bucket, str(folder / name))).data
            except KairosError as error:
                if error.code != "source_gone":
                    raise
    return AccessFiles(lambda file: rules.get(PurePosixPath(file)))


async def _wanted(store: "S3Store", bucket: str, key: str) -> Fetched:
    fetched = await _get(store, bucket, key, None)
    assert fetched is not None  # noqa: S101 - without a stamp there is no "not modified"
    return fetched


async def _get(store: "S3Store", bucket: str, key: str, stamp: str | None) -> Fetched | None:
    import obstore
    from obstore.exceptions import BaseError, NotModifiedError

    name = shown(PurePosixPath(key).name)
    data = bytearray()
    try:
        answer = await obstore.get_async(store, key, options={"if_none_match": stamp} if stamp else None)
        async for part in answer.stream(min_chunk_size=1 << 20):
            data += part
            if len(data) > LARGEST:
                raise KairosError("file_too_large", f"{name} is larger than {LARGEST // 1_000_000} MB.")
    except NotModifiedError:
        return None
    except FileNotFoundError as error:
        raise KairosError("source_gone", f"{shown(key)} is not in the bucket {bucket} any more.") from error
    except (BaseError, OSError, ValueError) as error:
        raise KairosError("s3_failed", f"{shown(key)} cannot be read: {_cause(error)}.") from error
    return Fetched(bytes(data), answer.meta["e_tag"] or "", name)


def _store(bucket: str) -> "S3Store":
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise KairosError(
            "s3_missing", "S3 sources need the extra 's3': pip install 'kairos[s3]'."
        ) from error
    limit = timedelta(seconds=_TRY_S)
    return S3Store(
        bucket,
        client_options={"timeout": limit, "connect_timeout": timedelta(seconds=10)},
        retry_config={"max_retries": 2, "retry_timeout": limit},
    )


def _split(source: Source) -> tuple[str, str]:
    """Bucket and prefix of a location."""
    parts = _LOCATION.fullmatch(source.location)
    if not parts or source.options:
        raise KairosError("source_invalid", f"{shown(source.location)!r} is not s3://bucket/prefix.")
    return parts[1], (parts[2] or "").strip("/")


def _cause(error: Exception) -> str:
    """The first line of what the library says, without its debugging notes."""
    return " ".join(str(error).partition("\n")[0].split())[:300].rstrip(".")
