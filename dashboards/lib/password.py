"""The password of the dashboards: how it is hashed, how one that is typed is checked.

Only the hash is stored, in ``OLIST_DASHBOARDS_PASSWORD_HASH``; its form is that of
``orchestration.settings.PASSWORD_HASH``, without characters that a shell would change.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

MIN_LENGTH = 12
MAX_LENGTH = 1024  # characters; nobody has a server hash a book
# Guesses that zxcvbn thinks it takes, as a power of ten. The server checks some 30 a second at
# the most, so that this is ten years of them.
MIN_GUESSES = 10.0
_LOOKED_AT = 72  # characters: zxcvbn takes no more, and long ones would take it minutes
# What anybody would try here first.
_NEAR_AT_HAND = ("olist", "olist-dw", "olistdw", "dashboards", "warehouse", "marimo", "duckdb")

# Costs of scrypt (RFC 7914): 32 MB and some 60 ms for each try.
_COST, _BLOCK_SIZE, _PARALLEL = 2**15, 8, 1
_MAX_MEMORY = 256 * 1024 * 1024
_SALT_BYTES = 16


class PasswordError(ValueError):
    """The password cannot be used; the text says why."""


def hash_password(password: str) -> str:
    """The text to store for a password, with a salt of its own each time.

    Raises:
        PasswordError: It is too short, too long, or guessed too soon.
    """
    _check_strength(password)
    salt = secrets.token_bytes(_SALT_BYTES)
    derived = _derive(password, salt, _COST, _BLOCK_SIZE, _PARALLEL)
    costs = f"{_COST}:{_BLOCK_SIZE}:{_PARALLEL}"
    return f"scrypt:{costs}:{_text(salt)}:{_text(derived)}"


def _check_strength(password: str) -> None:
    if len(password) < MIN_LENGTH:
        message = f"The password is too short: choose {MIN_LENGTH} characters or more."
        raise PasswordError(message)
    if len(password) > MAX_LENGTH:
        message = f"The password is too long: choose at most {MAX_LENGTH} characters."
        raise PasswordError(message)
    # Its lists of words take a while to load, and only this command needs them.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415

    found = zxcvbn(password[:_LOOKED_AT], user_inputs=list(_NEAR_AT_HAND))
    if float(found["guesses_log10"]) < MIN_GUESSES:
        why = found["feedback"]["warning"].rstrip(".")
        message = (
            f"The password is guessed too soon{f' ({why})' if why else ''}: choose four or "
            "more words that do not belong together, or have a password manager make one."
        )
        raise PasswordError(message)


def is_right(password: str, stored: str) -> bool:
    """Whether the password is the one that was hashed; takes as long either way."""
    if len(password) > MAX_LENGTH:
        return False
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
