"""A sealed stream opens whole and unchanged, or not at all."""

import io
from functools import cache

import pytest

from core.backup import BackupError
from core.backup.sealing import CHUNK, MAGIC, SealedReader, SealedWriter, is_sealed

PASSPHRASE = "doce letras o más"
HEAD = len(MAGIC) + 16 + 7
LOCKED = CHUNK + 16


@cache
def sealed(size: int) -> bytes:
    out = io.BytesIO()
    writer = SealedWriter(out, PASSPHRASE)
    for start in range(0, size, 700_001):  # pieces that fit no chunk
        writer.write(plain(size)[start : start + 700_001])
    writer.finish()
    return out.getvalue()


@cache
def plain(size: int) -> bytes:
    return (b"lo que se dijo " * (size // 15 + 1))[:size]


def opened(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return io.BufferedReader(SealedReader(io.BytesIO(content), passphrase)).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5])
def test_it_opens_as_it_was_closed(size: int):
    assert opened(sealed(size)) == plain(size)
    assert b"lo que se dijo" not in sealed(size)


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("the last chunk is gone", lambda whole: whole[: HEAD + 2 * LOCKED]),
        ("the last byte is gone", lambda whole: whole[:-1]),
        ("only the head is left", lambda whole: whole[:HEAD]),
        ("a bit is another", lambda whole: whole[: HEAD + LOCKED + 9] + b"?" + whole[HEAD + LOCKED + 10 :]),
        ("a chunk is there twice", lambda whole: whole[: HEAD + LOCKED] + whole[HEAD : HEAD + LOCKED]),
        (
            "two chunks have changed places",
            lambda whole: (
                whole[:HEAD]
                + whole[HEAD + LOCKED : HEAD + 2 * LOCKED]
                + whole[HEAD : HEAD + LOCKED]
                + whole[HEAD + 2 * LOCKED :]
            ),
        ),
        ("something is added", lambda whole: whole + b"more"),
    ],
)
def test_whatever_was_done_to_it_is_noticed(what: str, changed):
    with pytest.raises(BackupError, match=r"damaged or cut off|does not open"):
        opened(changed(sealed(2 * CHUNK + 5)))


def test_another_passphrase_is_told_at_once():
    with pytest.raises(BackupError, match="BACKUP_PASSPHRASE does not open this backup"):
        opened(sealed(1), "otra frase de paso")


def test_what_is_not_sealed_is_not_taken_for_it():
    assert is_sealed(io.BytesIO(sealed(1)))
    assert not is_sealed(io.BytesIO(b"VENTANILLA"))
    with pytest.raises(BackupError, match="no sealed backup"):
        opened(MAGIC)
