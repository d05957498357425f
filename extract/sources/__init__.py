"""Where the nine files come from: a directory, a zip, Kaggle, the generator, or the shop.

``open_source`` is the one door. It decides which kind a specification is and cleans up
behind itself; what each kind does is in the module of its name. Nothing here reads CSV.
"""

from __future__ import annotations

import difflib
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from extract.errors import SourceError
from extract.paths import expanded
from extract.sources import kaggle
from extract.sources.archive import looks_like_zip, open_archive
from extract.sources.directory import only_zip, open_directory
from extract.sources.files import SourceFiles, SourceKind

__all__ = ["KAGGLE", "SYNTHETIC", "SourceFiles", "SourceKind", "is_store", "open_source"]

KAGGLE = "kaggle"
SYNTHETIC = "synthetic"
_STORE_ADDRESS = re.compile(r"postgres(ql)?://", re.IGNORECASE)


def is_store(spec: str | Path) -> bool:
    """Whether a specification is the address of the shop's PostgreSQL."""
    return _STORE_ADDRESS.match(str(spec).strip()) is not None


@contextmanager
def open_source(
    spec: str | Path,
    *,
    scale: float = 1.0,
    seed: int = 42,
    temp_dir: Path | None = None,
    position_of: Callable[[str, bool], str | None] = lambda *_: None,
) -> Iterator[SourceFiles]:
    """Open a source and keep its files in place for the length of the block.

    Args:
        spec: ``kaggle``, ``synthetic``, a directory of CSV files, a directory that holds one
            zip, a zip (known by its content, not its name), or the ``postgres://`` of the shop.
        scale: Size of the generated data; 1.0 is 99,441 orders. Other kinds ignore it.
        seed: Seed of the generated data. Other kinds ignore it.
        temp_dir: Where to unpack or generate; the system's temporary directory by default.
        position_of: For the shop: given its origin and whether its rows are generated, where
            the extraction before ended; None takes everything.

    Yields:
        The nine files, all present and readable.

    Raises:
        SourceError: Not found, not readable, damaged, or unsafe.
        ContractError: Some of the nine files are missing.
    """
    with tempfile.TemporaryDirectory(prefix="olist_source_", dir=temp_dir) as name:
        scratch = Path(name)
        if spec == SYNTHETIC:
            yield _generate(scratch, scale=scale, seed=seed)
        elif is_store(spec):
            # Imported here: only this kind needs the driver.
            from extract.sources.postgres import open_store  # noqa: PLC0415

            yield open_store(str(spec).strip(), scratch, position_of)
        elif spec == KAGGLE:
            label = f"Kaggle dataset {kaggle.DATASET}"
            yield _open_path(kaggle.download(), scratch, kind="kaggle", label=label)
        else:
            try:
                path = expanded(str(spec))
            except ValueError as error:
                raise SourceError(f"The source is {str(spec)!r}, but {error}.") from error
            yield _open_path(path, scratch)


def _generate(directory: Path, *, scale: float, seed: int) -> SourceFiles:
    # Imported here: only this kind pays for loading the generator.
    from extract.sources.synthetic import generate  # noqa: PLC0415

    generate(directory, scale=scale, seed=seed)
    return open_directory(
        directory,
        kind="synthetic",
        label=f"generated data (scale {scale:g}, seed {seed})",
        is_synthetic=True,
    )


def _open_path(
    path: Path, scratch: Path, *, kind: SourceKind | None = None, label: str | None = None
) -> SourceFiles:
    try:
        if path.is_dir():
            packed = only_zip(path)
            if packed is None:
                return open_directory(path, kind=kind or "directory", label=label)
            return open_archive(packed, scratch, kind=kind or "archive", label=label)
        if path.is_file():
            if looks_like_zip(path):
                return open_archive(path, scratch, kind=kind or "archive", label=label)
            raise SourceError(
                f"{path} is neither a directory nor a zip (its content says so, whatever its "
                f"name). Name the zip as downloaded, or the directory that holds the CSV files."
            )
    except PermissionError as error:
        raise SourceError(
            f"{path} cannot be read: permission denied. Give the user who runs this read "
            f"access to it, or choose another source."
        ) from error
    raise SourceError(
        f"The source {path} {_what_else(path)}. Name a directory of CSV files, the Kaggle zip, "
        f"`{KAGGLE}` or `{SYNTHETIC}`."
    )


def _what_else(path: Path) -> str:
    if path.is_symlink() and not path.exists():
        return f"is a link to {path.readlink()}, which does not exist"
    if path.exists():
        return "is a device or a pipe, and the files are read more than once: copy it to a file"
    near = difflib.get_close_matches(path.name.lower(), (KAGGLE, SYNTHETIC), n=1)
    return f"does not exist{f' (did you mean `{near[0]}`?)' if near else ''}"
