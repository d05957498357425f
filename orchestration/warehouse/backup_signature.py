"""The signature of a backup: whether it was written by someone who has the key.

Checksums beside the data say that nothing was damaged. Who can change the data can change them,
too. The signature (HMAC-SHA256 of the manifest, which holds the sum of each file) needs a key
that is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from orchestration.errors import BackupError, WarehouseError
from orchestration.warehouse.files import fsync, private_files

SIGNATURE = "manifest.json.hmac"

_LEAST_BYTES = 32


def sign(manifest: Path, key_file: Path) -> Path:
    """Write the signature beside a manifest; the key is made if there is none yet.

    Raises:
        WarehouseError: The key cannot be read or made, or lies among the backups.
    """
    if key_file.resolve().is_relative_to(manifest.parent.parent.resolve()):
        message = (
            f"The key {key_file} lies among the backups that it signs, where anyone who can "
            "change them finds it. Name another place by OLIST_BACKUP_KEY_FILE."
        )
        raise WarehouseError(message)
    if not key_file.exists():
        _make_key(key_file)
    path = manifest.with_name(SIGNATURE)
    path.write_text(_signature(manifest, _read_key(key_file)) + "\n", encoding="ascii")
    fsync(path)
    return path


def check_signature(backup: Path, manifest: Path, key_file: Path) -> None:
    """Do not go on with a backup that was not written with the key.

    Raises:
        BackupError: There is no signature, no key, or the two do not fit.
    """
    way = (
        "If you know where it comes from, say so: make restore "
        f'ARGS="--from {backup} --unsigned".'
    )
    try:
        found = (backup / SIGNATURE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = (
            f"The backup {backup} has no signature that can be read, as those written before "
            f"October 2026. {way}"
        )
        raise BackupError(message) from error
    if not key_file.exists():
        message = (
            f"The backup {backup} is signed, but the key is not here: {key_file}. Copy it from "
            "the machine that wrote the backup, or name its place by OLIST_BACKUP_KEY_FILE. "
            f"{way}"
        )
        raise BackupError(message)
    if not hmac.compare_digest(found, _signature(manifest, _read_key(key_file))):
        message = (
            f"The backup {backup} was not signed with the key {key_file}: it was changed, or "
            f"another machine wrote it. {way}"
        )
        raise BackupError(message)


def _make_key(path: Path) -> None:
    try:
        with private_files():
            path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_LEAST_BYTES) + "\n")
    except OSError as error:
        message = (
            f"The key that signs backups cannot be made: {path} ({error.strerror}). Name a "
            "place that can be written by OLIST_BACKUP_KEY_FILE, outside of the backups."
        )
        raise WarehouseError(message) from error


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        message = f"The key that signs backups, {path}, cannot be read: {error.strerror}."
        raise WarehouseError(message) from error
    if len(key) < _LEAST_BYTES:
        message = (
            f"The key that signs backups, {path}, is shorter than {_LEAST_BYTES} bytes. "
            "Restore it, or remove it: the next backup makes a new one, and older ones then "
            "need --unsigned."
        )
        raise WarehouseError(message)
    return key


def _signature(manifest: Path, key: bytes) -> str:
    return hmac.new(key, manifest.read_bytes(), hashlib.sha256).hexdigest()
