"""Encrypts what must not be read in the database: what waits in the inbox, the secrets of webhooks."""

import base64
import hashlib

from cryptography.fernet import Fernet


class Vault:
    """One key per desk and purpose, derived from its secret key; the database alone opens nothing."""

    def __init__(self, secret_key: bytes, *, purpose: bytes = b"inbox") -> None:
        digest = hashlib.blake2b(purpose, key=secret_key[:64], digest_size=32).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def lock(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def unlock(self, locked: bytes) -> bytes:
        """Raises ``cryptography.fernet.InvalidToken`` when the secret key is not the one it was locked with."""
        return self._fernet.decrypt(locked)
