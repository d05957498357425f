"""The password of the dashboards: how it is hashed, how one that is typed is checked.

Only the hash is stored, in ``OLIST_DASHBOARDS_PASSWORD_HASH``; its form is that of
``orchestration.settings.PASSWORD_HASH``, without characters that a shell would change.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

MIN_LENGTH = 10

# Costs of scrypt (RFC 7914): 32 MB and some 60 ms for each try.
_COST, _BLOCK_SIZE, _PARALLEL = 2**15, 8, 1
_MAX_MEMORY = 256 * 1024 * 1024
_SALT_BYTES = 16


class PasswordError(ValueError):
    """The password cannot be used; the text says why."""


def hash_password(password: str) -> str:
    """The text to store for a password, with a salt of its own each time.

    Raises:
        PasswordError: It is too short.
    """
    if len(password) < MIN_LENGTH:
        message = f"The password is too short: choose {MIN_LENGTH} characters or more."
        raise PasswordError(message)
    salt = secrets.token_bytes(_SALT_BYTES)
    derived = _derive(password, salt, _COST, _BLOCK_SIZE, _PARALLEL)
    costs = f"{_COST}:{_BLOCK_SIZE}:{_PARALLEL}"
    return f"scrypt:{costs}:{_text(salt)}:{_text(derived)}"


def is_right(password: str, stored: str) -> bool:
    """Whether the password is the one that was hashed; takes as long either way."""
    _, cost, block_size, parallel, salt, expected = stored.split(":")
    derived = _derive(password, _bytes(salt), int(cost), int(block_size), int(parallel))
    return hmac.compare_digest(derived, _bytes(expected))


def _derive(password: str, salt: bytes, cost: int, block_size: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8"),
        salt=salt,
        n=cost,
        r=block_size,
        p=parallel,
        maxmem=_MAX_MEMORY,
        dklen=32,
    )


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
