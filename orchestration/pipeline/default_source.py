"""What a run loads when nobody says: what lies in the raw directory, or generated data.

Generated data are for a first look. Where the raw directory holds something that may be meant,
or the warehouse real data, a run stops instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from extract.errors import SourceError
from extract.sources import SYNTHETIC
from extract.tables import TABLES
from orchestration.settings import Settings
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.versions import Version, newest_real

_MAX_NAMED = 10
_MAX_LOOKED_AT = 2000
_DEPTH = 3
# What lies in a directory without being anybody's data.
_NO_DATA = re.compile(r"\..*|readme.*|.*\.(md|txt)|desktop\.ini|thumbs\.db", re.IGNORECASE)


def choose_source(settings: Settings, warehouse: Warehouse) -> str:
    """What a run loads: what the settings name, else what the raw directory holds.

    Raises:
        SourceError: Nothing is named and it is not plain what is meant; says what was found.
    """
    if settings.source == "store":
        return shop_address(settings)
    return settings.source or default_source(
        settings.raw_dir,
        is_named=settings.raw_dir != type(settings).model_fields["raw_dir"].default,
        real=newest_real(warehouse.versions()),
    )


def shop_address(settings: Settings) -> str:
    """The address of the shop's PostgreSQL.

    Raises:
        SourceError: None is set.
    """
    if settings.store_url is None:
        message = (
            "The address of the shop is not set. Put OLIST_STORE_URL=postgresql://... into "
            ".env, or start a shop of your own by `make store`."
        )
        raise SourceError(message)
    return settings.store_url.get_secret_value()


def default_source(
    raw_dir: Path, *, is_named: bool = False, real: Version | None = None
) -> str:
    """The raw directory if its files or its zip are there; else generated data, or an error.

    One of the nine files is enough to choose the directory: if others are missing, the contract
    says so, which is better than to load generated rows instead.

    Args:
        raw_dir: Where the files are looked for.
        is_named: Whether somebody named it.
        real: A version of real data that the warehouse holds.

    Raises:
        SourceError: It is not plain what is meant; says what was found.
    """
    try:
        entries = sorted(raw_dir.iterdir()) if raw_dir.is_dir() else None
    except OSError as error:
        message = (
            f"No source was named, and the raw directory {raw_dir} cannot be read: "
            f"{error.strerror or error}. Give the user who runs this read access, or name the "
            "files by --source."
        )
        raise SourceError(message) from error
    names = {table.file_name for table in TABLES}
    for entry in entries or ():
        if entry.suffix == ".zip" or (entry.name in names and entry.is_file()):
            return str(raw_dir)
    found = [] if entries is None else list(_found(raw_dir, entries))
    if found or real is not None or (entries is None and is_named):
        raise SourceError(_not_plain(raw_dir, found, real, is_there=entries is not None))
    return SYNTHETIC


def _found(raw_dir: Path, entries: list[Path]) -> Iterator[str]:
    """What lies in the directory, Olist's files in folders of it first."""
    near = [e for e in entries if not _NO_DATA.fullmatch(e.name)]
    folders = [e for e in near if e.is_dir()]
    deep = [path for folder in folders for path in _below(folder, _DEPTH)]
    for path in sorted(deep, key=lambda one: not _looks_like_olist(one.name)):
        yield str(path.relative_to(raw_dir))
    for path in near:
        if path.is_symlink() and not path.exists():
            yield f"{path.name} (a link to {path.readlink()}, which is not there)"
        elif not path.is_dir():
            yield path.name


def _below(folder: Path, depth: int) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())[:_MAX_LOOKED_AT]
    except OSError:
        return [folder]  # something is in it, or it would not be closed
    files = [e for e in entries if not e.is_dir() and not _NO_DATA.fullmatch(e.name)]
    if depth > 1:
        for entry in entries:
            if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
                files += _below(entry, depth - 1)
    return files


def _looks_like_olist(name: str) -> bool:
    return "olist" in name.lower() or "product_category_name" in name.lower()


def _not_plain(raw_dir: Path, found: list[str], real: Version | None, *, is_there: bool) -> str:
    if not is_there and raw_dir.is_symlink():
        what = f"is a link to {raw_dir.readlink()}, which is not there"
    elif not is_there:
        what = "is a file" if raw_dir.exists() else "does not exist"
    elif found:
        more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
        what = (
            "holds neither the nine CSV files under their names nor a .zip of them, but "
            f"{', '.join(found[:_MAX_NAMED])}{more}"
        )
    else:
        what = "is empty"
    kept = (
        ""
        if real is None
        else f" The warehouse holds real data (version {real.run_id}), which generated data "
        "would replace: it stays as it is."
    )
    folder = next(
        (raw_dir / one for one in found if "/" in one and _looks_like_olist(one)), None
    )
    path = "PATH" if folder is None else folder.parent
    return (
        f"No source was named, and the raw directory {raw_dir} {what}.{kept} Put the files "
        f"there as Kaggle delivers them, name them by --source {path} (or OLIST_SOURCE), or "
        "ask for generated data by --source synthetic."
    )
