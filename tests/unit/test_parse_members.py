import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

from state.errors import KairosError
from tools.parse.detect import detect
from tools.parse.media_types import EML, GZIP, TAR, ZIP
from tools.parse.members import Limits, Member, members


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in files.items():
            part = tarfile.TarInfo(name)
            part.size = len(data)
            archive.addfile(part, io.BytesIO(data))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    return target.getvalue()


def inside(name: str, data: bytes, limits: Limits | None = None) -> Iterator[Member]:
    return members(name, detect(name, data), data, limits)


FILES = {"watch/log.txt": b"All quiet.", "oil.csv": b"a,b\n1,2\n"}


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("box.zip", zipped(FILES), ZIP),
        ("box.tar", tarred(FILES), TAR),
        ("box.tar.gz", gzip.compress(tarred(FILES)), GZIP),
    ],
)
def test_archives_give_their_files_but_no_links(name: str, data: bytes, media_type: str) -> None:
    assert detect("wrong.bin", data) == media_type
    assert [(member.name, member.data) for member in inside(name, data)] == [
        (f"{name}/watch/log.txt", b"All quiet."),
        (f"{name}/oil.csv", b"a,b\n1,2\n"),
    ]


def test_a_single_packed_file_is_named_without_the_ending() -> None:
    assert [member.name for member in inside("log.txt.gz", gzip.compress(b"All quiet."))] == [
        "log.txt.gz/log.txt"
    ]


def test_names_stay_inside_and_hidden_files_are_passed_over() -> None:
    names = [
        "../../up.txt",
        "/etc/abs.txt",
        "C:\\Users\\back.txt",
        "a/\x07bell\u202e.txt",
        "__MACOSX/._x",
        ".DS_Store",
        "a/",
    ]
    found = [member.name for member in inside("n.zip", zipped(dict.fromkeys(names, b"x")))]
    assert found == ["n.zip/up.txt", "n.zip/etc/abs.txt", "n.zip/Users/back.txt", "n.zip/a/bell.txt"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_are_taken_get_a_number() -> None:
    data = zipped({"a.txt": b"1", "./a.txt": b"2", "../a.txt": b"3"})
    assert [member.name for member in inside("n.zip", data)] == [
        "n.zip/a.txt",
        "n.zip/a (2).txt",
        "n.zip/a (3).txt",
    ]


def with_flag(data: bytes, name: bytes) -> bytes:
    """`data` with the file `name` marked as encrypted."""
    changed = bytearray(data)
    for start, offset, flags in ((b"PK\x03\x04", 30, 6), (b"PK\x01\x02", 46, 8)):
        at = changed.find(start)
        while at >= 0:
            if changed[at + offset :].startswith(name):
                changed[at + flags] |= 1
            at = changed.find(start, at + 4)
    return bytes(changed)


def test_an_encrypted_file_fails_alone() -> None:
    locked, read = inside(
        "n.zip", with_flag(zipped({"locked.txt": b"secret", "open.txt": b"read me"}), b"locked")
    )
    assert locked.failure is not None
    assert locked.failure.code == "file_encrypted"
    assert locked.failure.sentence.startswith("n.zip/locked.txt ")
    assert (locked.data, read.data, read.failure) == (b"", b"read me", None)


def test_an_archive_of_encrypted_files_only_is_refused_as_a_whole() -> None:
    with pytest.raises(KairosError) as failure:
        detect("n.zip", with_flag(zipped({"locked.txt": b"secret"}), b"locked"))
    assert failure.value.code == "file_encrypted"


def test_a_damaged_file_fails_alone() -> None:
    data = zipped({"bad.txt": bytes(range(256)) * 4, "good.txt": b"read me"})
    at = data.index(b"bad.txt") + 20
    bad, good = inside("n.zip", data[:at] + b"\xff" * 8 + data[at + 8 :])
    assert bad.failure is not None
    assert bad.failure.code == "file_corrupt"
    assert good.data == b"read me"


def code_of(name: str, data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(KairosError) as failure:
        list(inside(name, data, limits))
    assert failure.value.sentence.startswith(name)
    return failure.value.code


def packed(files: dict[str, bytes]) -> bytes:
    return gzip.compress(tarred(files))


@pytest.mark.parametrize("pack", [zipped, tarred, packed])
def test_what_unpacks_to_too_much_is_given_up(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    data = pack({f"{number}.txt": bytes(2**20) for number in range(5)})
    assert code_of("bomb", data, Limits(size=3 * 2**20)) == "archive_too_large"
    assert code_of("many", data, Limits(files=4)) == "archive_too_many"
    assert len(list(inside("fits", data, Limits(size=5 * 2**20, files=5)))) == 5


def test_small_bombs_are_stopped_by_their_ratio() -> None:
    assert code_of("bomb.gz", gzip.compress(bytes(40 * 2**20))) == "archive_too_large"


def test_a_header_that_lies_about_the_size_does_not_help() -> None:
    data = bytearray(zipped({"bomb.txt": bytes(4 * 2**20)}))
    for start, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(start) + offset, 10)
    found = list(inside("liar.zip", bytes(data), Limits(size=2**20)))
    assert [len(member.data) for member in found] in ([0], [10])


def ends(name: str, data: bytes) -> list[str]:
    """The codes of all that fails."""
    try:
        return [member.failure.code for member in inside(name, data) if member.failure]
    except KairosError as failure:
        return [failure.code]


@pytest.mark.parametrize(
    "data", [gzip.compress(tarred(FILES)), gzip.compress(bytes(range(256)) * 90), tarred({"a": bytes(9000)})]
)
def test_cut_archives_fail_by_name(data: bytes) -> None:
    assert ends("cut", data[: len(data) * 2 // 5]) == ["file_corrupt"]


def test_attachments_of_a_message() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "bo@harbor.example", "Inner/letter"
    inner.set_content("Inside.")
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"], outer["Date"] = (
        "ana@harbor.example",
        "bo@x.example",
        "Oil",
        "1 Jan 2020",
    )
    outer.set_content("See the list.")
    outer.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="Öl list.csv")
    outer.add_attachment(inner)
    data = outer.as_bytes()
    assert detect("x", data) == EML
    table, letter = inside("oil.eml", data)
    assert (table.name, table.data) == ("oil.eml/Öl list.csv", b"a,b\n1,2\n")
    assert letter.name == "oil.eml/Inner letter.eml"
    assert b"Inside." in letter.data
