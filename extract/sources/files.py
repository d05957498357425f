"""What every source hands to the load: the nine files, and words about where they are from.

Looking for the nine files in a list of names is here too, since directories, archives and
downloads all do it. Opening and unpacking are in the modules beside this one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from extract.errors import ContractError
from extract.tables import TABLES

SourceKind = Literal["directory", "archive", "kaggle", "synthetic", "postgres"]

# How alike two file names must be for one to be offered as the misspelling of the other.
_NAME_CUTOFF = 0.75
# Names listed in a message; a directory can hold thousands.
_NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Changes:
    """What a source that knows what changed hands over besides its files.

    Attributes:
        origin: Which source, so that a position is never used with another.
        position: Where the next extraction goes on; the source's own text.
        is_whole: Whether the files hold everything, or what changed since a position.
        deleted: Table name to a CSV of the keys that were deleted, with a header.
    """

    origin: str
    position: str
    is_whole: bool
    deleted: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """Nine readable files.

    Attributes:
        kind: What sort of source this is.
        label: The source in words for people ("the archive olist.zip").
        is_synthetic: Whether the rows were generated and are not Olist's.
        directory: Where the files lie; temporary for all kinds but ``directory``.
        paths: Table name to file, one for each of ``extract.tables.TABLES``.
        changes: Where the source knows what changed; None for files that somebody delivered.
    """

    kind: SourceKind
    label: str
    is_synthetic: bool
    directory: Path
    paths: Mapping[str, Path]
    changes: Changes | None = None


def expected_file_names() -> tuple[str, ...]:
    """Give the nine file names of the contract."""
    return tuple(table.file_name for table in TABLES)


def missing_files_error(place: str, found: Iterable[str]) -> ContractError:
    """Say which of the nine files are not there, what is, and which looks misnamed.

    Args:
        place: The source in words, as it starts a sentence ("The directory x").
        found: Base names of the files that are there.
    """
    present = sorted(set(found))
    missing = [name for name in expected_file_names() if name not in present]
    spare = [name for name in present if name not in expected_file_names()]
    hints = []
    for name in missing:
        near = _nearest(name, spare)
        if near is not None:
            hints.append(f"{near} looks like a misnamed {name}: rename it.")
    shown = ", ".join(present[:_NAMES_SHOWN]) or "no file at all"
    if len(present) > _NAMES_SHOWN:
        shown += f" and {len(present) - _NAMES_SHOWN} more"
    text = (
        f"{place} lacks {len(missing)} of the nine source files: {', '.join(missing)}. "
        f"Found there: {shown}. "
    )
    return ContractError(text + (" ".join(hints) or "Put what is missing beside the others."))


def _nearest(name: str, candidates: list[str]) -> str | None:
    by_core = {_core(candidate): candidate for candidate in candidates}
    near = difflib.get_close_matches(_core(name), by_core, n=1, cutoff=_NAME_CUTOFF)
    return by_core[near[0]] if near else None


def _core(name: str) -> str:
    """Strip what all nine names share, so that only the telling part is compared."""
    bare = name.lower().removesuffix(".csv")
    return bare.removeprefix("olist_").removesuffix("_dataset")
