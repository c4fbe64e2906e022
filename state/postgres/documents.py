"""Documents and all that is derived from them: stored, replaced and deleted in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from psycopg import DataError
from psycopg.errors import ProgramLimitExceeded
from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres import chunks, contexts, short_forms, vocabulary
from state.postgres.access_classes import Changes, release
from state.postgres.chunks import ChunkRow, Placed
from state.postgres.pool import Connection, ingesting, scoped
from state.postgres.titles import name_of

Stored = Literal["added", "updated"]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document as it is stored; `member` is its path inside its file, empty for the file itself."""

    member: str
    uri: str
    path: str
    title: str
    media_type: str
    text: str
    content_hash: bytes
    pages: int | None = None
    page_starts: Sequence[int] = ()
    language: str = ""
    flags: Sequence[str] = ()
    chunking: str = "structure"
    metadata: Mapping[str, str] = field(default_factory=dict)
    signature: Sequence[int] = ()
    short_forms: Sequence[tuple[str, str]] = ()
    chunks: Sequence[ChunkRow] = ()


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that was read: what it gave, what it took (`seconds`, `peak_mb`), and what inside it failed."""

    id: int
    stamp: str | None
    content_hash: bytes
    recipe: str
    documents: Sequence[DocumentRow]
    members: Sequence[Mapping[str, str]] = ()
    bytes: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0


async def store(identity: Identity, files: Sequence[FileRow]) -> dict[int, Stored]:
    """Put what files gave in place of what they gave before; readers see the old or the new, whole.

    Returns what became of each file by id; one that was deleted meanwhile is passed over. Raises KairosError
    `document_refused` for what Postgres cannot hold; then nothing is stored.
    """
    try:
        async with ingesting(identity) as connection:
            return await _store(connection, {file.id: file for file in files})
    except (DataError, ProgramLimitExceeded, UnicodeEncodeError) as error:
        cause = str(error).partition("\n")[0]
        paths = ", ".join(file.documents[0].path for file in files if file.documents)
        raise KairosError("document_refused", f"{paths} cannot be stored: {cause}.") from error


async def _store(connection: Connection, files: Mapping[int, FileRow]) -> dict[int, Stored]:
    cursor = await connection.execute(
        "SELECT id, tenant, collection, access FROM files WHERE id = ANY (%s) AND status = 'pending' "
        "ORDER BY id FOR UPDATE",
        (list(files),),
    )
    locked = await cursor.fetchall()
    old = await _old_documents(connection, [row["id"] for row in locked])
    changes, placed = Changes(), list[Placed]()
    await chunks.delete(connection, [row["id"] for row in old.values()], changes)
    await release(connection, [row["id"] for row in old.values()], changes)
    done: dict[int, Stored] = {}
    stored: dict[int, tuple[int, DocumentRow]] = {}
    for place in locked:
        file = files[place["id"]]
        for row in file.documents:
            document = await _put_document(connection, place, row, old.pop((file.id, row.member), None))
            placed += [Placed(place["access"], document, n, chunk) for n, chunk in enumerate(row.chunks)]
            stored[document] = place["access"], row
        done[file.id] = await _put_file(connection, file)
    await connection.execute(
        "DELETE FROM documents WHERE id = ANY (%s)", ([row["id"] for row in old.values()],)
    )
    await chunks.insert(connection, placed, changes)
    await _put_words(connection, stored, changes)
    await contexts.forget(connection, list(done))
    await changes.apply(connection)
    return done


async def _put_words(
    connection: Connection, stored: Mapping[int, tuple[int, DocumentRow]], changes: Changes
) -> None:
    access_of = {document: access for document, (access, _) in stored.items()}
    words = {
        document: vocabulary.words_of(row.title, row.chunks)
        for document, (_, row) in stored.items()
        if row.chunks
    }
    await vocabulary.put(connection, words, access_of, changes.words)
    forms = {document: row.short_forms for document, (_, row) in stored.items()}
    await short_forms.put(connection, forms, access_of)


async def _old_documents(connection: Connection, files: Sequence[int]) -> dict[tuple[int, str], DictRow]:
    cursor = await connection.execute(
        "SELECT id, file, member, text FROM documents WHERE file = ANY (%s) ORDER BY id FOR UPDATE",
        (list(files),),
    )
    return {(row["file"], row["member"]): row for row in await cursor.fetchall()}


async def _put_document(connection: Connection, place: DictRow, row: DocumentRow, old: DictRow | None) -> int:
    """Insert or replace a document; a text that changes leaves its version behind."""
    if old and old["text"] != row.text:
        await connection.execute(
            "INSERT INTO document_versions (document, version, title, text, pages, page_starts, stored_at) "
            "SELECT id, version, title, text, pages, page_starts, updated_at FROM documents WHERE id = %s",
            (old["id"],),
        )
    changed = int(old is not None and old["text"] != row.text)
    values = {**_columns(row), "file": place["id"], "collection": place["collection"], "changed": changed}
    values |= {"tenant": place["tenant"], "access": place["access"]}
    cursor = await connection.execute(
        """
        INSERT INTO documents (tenant, access, collection, file, member, uri, path, title, media_type, text, pages,
            page_starts, language, flags, chunking, metadata, signature, content_hash, name)
        VALUES (%(tenant)s, %(access)s, %(collection)s, %(file)s, %(member)s, %(uri)s, %(path)s, %(title)s,
            %(media_type)s, %(text)s, %(pages)s, %(page_starts)s, %(language)s, %(flags)s, %(chunking)s, %(metadata)s,
            %(signature)s, %(content_hash)s, %(name)s)
        ON CONFLICT (file, md5(member)) DO UPDATE SET access = excluded.access, uri = excluded.uri,
            path = excluded.path, title = excluded.title, media_type = excluded.media_type, text = excluded.text,
            pages = excluded.pages, page_starts = excluded.page_starts, language = excluded.language,
            flags = excluded.flags, chunking = excluded.chunking, metadata = excluded.metadata,
            signature = excluded.signature, content_hash = excluded.content_hash, name = excluded.name,
            compared = false, version = documents.version + %(changed)s,
            updated_at = CASE WHEN %(changed)s = 1 THEN now() ELSE documents.updated_at END
        RETURNING id
        """,
        values,
    )
    found = await cursor.fetchone()
    assert found is not None  # noqa: S101 - RETURNING gives the row
    return int(found["id"])


def _columns(row: DocumentRow) -> dict[str, Any]:
    return {
        "member": row.member,
        "uri": row.uri,
        "path": row.path,
        "title": row.title,
        "name": name_of(row.title),
        "media_type": row.media_type,
        "text": row.text,
        "pages": row.pages,
        "page_starts": list(row.page_starts),
        "language": row.language,
        "flags": list(row.flags),
        "chunking": row.chunking,
        "metadata": json.dumps(dict(row.metadata)),
        "signature": list(row.signature),
        "content_hash": row.content_hash,
    }


async def _put_file(connection: Connection, file: FileRow) -> Stored:
    """Note what was read. "updated" if it had been stored before, also in a run that was cut short here."""
    cursor = await connection.execute(
        """
        UPDATE files SET status = 'stored', stamp = %s, recipe = %s, members = %s, bytes = %s, seconds = %s,
            peak_mb = %s, chunks = %s, code = NULL, cause = NULL, checked_at = now(),
            outcome = CASE WHEN content_hash IS NULL THEN 'added' ELSE 'updated' END, content_hash = %s
        WHERE id = %s RETURNING outcome
        """,
        (
            file.stamp,
            file.recipe,
            json.dumps([dict(member) for member in file.members]),
            file.bytes,
            file.seconds,
            file.peak_mb,
            sum(len(row.chunks) for row in file.documents),
            file.content_hash,
            file.id,
        ),
    )
    found = await cursor.fetchone()
    assert found is not None  # noqa: S101 - the row is locked
    outcome: Stored = found["outcome"]
    return outcome


async def count(identity: Identity) -> int:
    """How many documents the tenant has, whoever may see them."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM documents")
        row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def read(identity: Identity, document: int, version: int | None = None) -> DictRow:
    """A document, if the asker may see it, as it is or as it was in a version that is still kept."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT d.id, d.path, d.uri, d.member, d.media_type, d.language, d.flags, d.version AS newest,
                coalesce(v.version, d.version) AS version, coalesce(v.title, d.title) AS title,
                coalesce(v.text, d.text) AS text, coalesce(v.page_starts, d.page_starts) AS page_starts,
                CASE WHEN v.version IS NULL THEN d.pages ELSE v.pages END AS pages,
                coalesce(v.stored_at, d.updated_at) AS stored_at
            FROM documents d LEFT JOIN document_versions v ON v.document = d.id AND v.version = %(version)s
            WHERE d.id = %(document)s AND (%(version)s::integer IS NULL OR %(version)s IN (d.version, v.version))
            """,
            {"document": document, "version": version},
        )
        found = await cursor.fetchone()
    if found is None:
        which = f" in version {version}" if version else ""
        raise KairosError("document_unknown", f"There is no document {document}{which} that you may see.")
    return found
