"""A sealed stream: scrypt and AES-GCM in numbered chunks, so that nothing can be changed, moved or cut off."""

import io
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from core.backup import BackupError

MAGIC = b"VENTANILLA SEALED BACKUP 1\n"
CHUNK = 1 << 20
_SALT, _PREFIX, _TAG = 16, 7, 16


class SealedWriter(io.RawIOBase):
    """Everything written comes out encrypted on ``out``; without ``close`` the stream counts as cut off."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        self._out, self._waiting, self._number, self._written = out, bytearray(), 0, 0
        self._head = MAGIC + os.urandom(_SALT) + os.urandom(_PREFIX)
        self._cipher = _cipher(passphrase, self._head)
        out.write(self._head)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # any buffer, as RawIOBase says
        self._waiting += piece
        self._written += len(piece)
        while len(self._waiting) > CHUNK:  # never the last one: that is known at the end only
            self._put(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        return len(piece)

    def finish(self) -> None:
        """Write the chunk that says that nothing is missing."""
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._head, self._number, is_last=is_last), plain, self._head))
        self._number += 1


class SealedReader(io.RawIOBase):
    """What a SealedWriter was given. Reading raises BackupError where the stream is not whole and unchanged."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._source, self._number, self._open = source, 0, b""
        self._head = source.read(len(MAGIC) + _SALT + _PREFIX)
        if len(self._head) < len(MAGIC) + _SALT + _PREFIX or not self._head.startswith(MAGIC):
            raise BackupError("This is no sealed backup, or its first bytes are missing.")
        self._cipher = _cipher(passphrase, self._head)
        self._ahead = source.read(CHUNK + _TAG)
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer, as RawIOBase says
        while not self._open and not self._is_over:
            self._open = self._next()
        taken = self._open[: len(room)]
        room[: len(taken)] = taken
        self._open = self._open[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        locked, self._ahead = self._ahead, self._source.read(CHUNK + _TAG)
        self._is_over = not self._ahead
        try:
            plain = self._cipher.decrypt(_nonce(self._head, self._number, is_last=self._is_over), locked, self._head)
        except InvalidTag:
            if self._number == 0:
                raise BackupError(
                    "BACKUP_PASSPHRASE does not open this backup (another passphrase, or the file was changed)."
                ) from None
            raise BackupError("The backup is damaged or cut off after %(n)s MB.", n=self._number) from None
        self._number += 1
        return plain


def is_sealed(source: BinaryIO) -> bool:
    """Whether a sealed stream begins here; the position stays."""
    head = source.read(len(MAGIC))
    source.seek(-len(head), io.SEEK_CUR)
    return head == MAGIC


def _cipher(passphrase: str, head: bytes) -> AESGCM:
    salt = head[len(MAGIC) : len(MAGIC) + _SALT]
    return AESGCM(Scrypt(salt=salt, length=32, n=1 << 16, r=8, p=1).derive(passphrase.encode()))


def _nonce(head: bytes, number: int, *, is_last: bool) -> bytes:
    """The number keeps chunks in their order, the last byte tells whether another must follow."""
    return head[-_PREFIX:] + number.to_bytes(4, "big") + bytes([is_last])
