"""Archives: the real kind opens, and every broken or hostile kind is refused in words."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from extract.errors import ContractError, ExtractError, SourceError
from extract.sources import archive, open_source
from tests.support.tiny_source import write_tiny_source

SELLERS = "olist_sellers_dataset.csv"


def pack(directory: Path, path: Path, *, folder: str = "") -> Path:
    """Zip the tiny source of a directory."""
    write_tiny_source(directory)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(directory.iterdir()):
            packed.write(file, folder + file.name)
    return path


@pytest.fixture
def tiny_zip(tmp_path: Path) -> Path:
    return pack(tmp_path / "files", tmp_path / "olist.zip")


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def test_a_zip_yields_the_nine_files_as_they_were_packed(tiny_zip: Path) -> None:
    with open_source(tiny_zip) as source:
        assert (source.kind, source.is_synthetic) == ("archive", False)
        assert source.label == "the archive olist.zip"
        assert source.paths["sellers"].read_bytes() == (
            (tiny_zip.parent / "files" / SELLERS).read_bytes()
        )
        assert len(source.paths) == 9


def test_what_was_unpacked_is_gone_afterwards(tiny_zip: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open_source(tiny_zip, temp_dir=scratch) as source:
        assert source.directory.parent == scratch
    assert names(scratch) == []


def test_what_was_unpacked_is_gone_after_an_error(tiny_zip: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tiny_zip.write_bytes(tiny_zip.read_bytes()[:-300])
    with pytest.raises(SourceError), open_source(tiny_zip, temp_dir=scratch):
        pass
    assert names(scratch) == []


def test_a_zip_is_known_by_its_content_and_not_its_name(tiny_zip: Path) -> None:
    renamed = tiny_zip.rename(tiny_zip.with_name("download.bin"))
    with open_source(str(renamed)) as source:
        assert source.kind == "archive"


def test_a_folder_inside_the_zip_does_not_matter(tmp_path: Path) -> None:
    path = pack(tmp_path / "files", tmp_path / "z.zip", folder="brazilian-ecommerce/data/")
    with open_source(path) as source:
        assert source.paths["sellers"].is_file()


def test_only_the_expected_members_are_written(tiny_zip: Path) -> None:
    with zipfile.ZipFile(tiny_zip, "a") as packed:
        packed.writestr("README.md", "read me")
        packed.writestr("__MACOSX/" + SELLERS, "not a csv")
    with open_source(tiny_zip) as source:
        assert len(names(source.directory)) == 9
        assert source.paths["sellers"].read_text().startswith('"seller_id"')


def test_a_directory_with_one_zip_is_that_zip(tiny_zip: Path, tmp_path: Path) -> None:
    place = tmp_path / "raw"
    place.mkdir()
    tiny_zip.rename(place / "archive.zip")
    (place / ".gitkeep").touch()
    with open_source(place) as source:
        assert (source.kind, source.label) == ("archive", "the archive archive.zip")


@dataclass(frozen=True)
class Refused:
    """One way to spoil a good archive, and what is said of it."""

    name: str
    spoil: Callable[[Path], None]
    error: type[ExtractError]
    text: str


def add(name: str, content: bytes = b"x", mode: int = 0o644) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFREG | mode) << 16
        with zipfile.ZipFile(path, "a") as packed:
            packed.writestr(info, content)

    return spoil


def remake(change: Callable[[str, bytes], list[tuple[str, bytes]]]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path) as packed:
            members = [(name, packed.read(name)) for name in packed.namelist()]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in members:
                for new_name, new_content in change(name, content):
                    packed.writestr(new_name, new_content)

    return spoil


def link(path: Path) -> None:
    remake(lambda name, content: [] if name == SELLERS else [(name, content)])(path)
    info = zipfile.ZipInfo(SELLERS)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(info, "/etc/passwd")


def set_flag(offset_in_central: int, value: int) -> Callable[[Path], None]:
    """Change one byte of the central entry of the sellers file."""

    def spoil(path: Path) -> None:
        data = bytearray(path.read_bytes())
        entry = data.rfind(b"PK\x01\x02", 0, data.rfind(SELLERS.encode()))
        data[entry + offset_in_central] = value
        path.write_bytes(data)

    return spoil


def nest(path: Path) -> None:
    inner = path.read_bytes()
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("archive (1).zip", inner)


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_byte(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        start = packed.getinfo(SELLERS).header_offset + 30 + len(SELLERS)
    data = bytearray(path.read_bytes())
    data[start + 10] ^= 0xFF
    path.write_bytes(data)


def lie_about_the_size(path: Path) -> None:
    """Pack 60 MB of one letter and let both headers claim 1,000 bytes."""
    remake(lambda n, c: [(n, b"a" * 60_000_000 if n == SELLERS else c)])(path)
    data = path.read_bytes()
    claimed, real = (1_000).to_bytes(4, "little"), (60_000_000).to_bytes(4, "little")
    assert data.count(real) == 2
    path.write_bytes(data.replace(real, claimed))


REFUSED = (
    Refused("upward path", add("../../etc/cron.d/x"), SourceError, "points outside"),
    Refused("absolute path", add("/etc/x"), SourceError, "points outside the archive"),
    Refused("backslashes", add("..\\..\\x"), SourceError, "points outside"),
    Refused("drive", add("C:/x.csv"), SourceError, "points outside"),
    Refused(
        "upward path to a wanted name", add(f"../{SELLERS}"), SourceError, "points outside"
    ),
    Refused("symbolic link", link, SourceError, "is a symbolic link"),
    Refused("same file twice", add(f"copy/{SELLERS}"), SourceError, f"holds {SELLERS} twice"),
    Refused("encrypted", set_flag(8, 1), SourceError, "is encrypted"),
    Refused("unknown method", set_flag(10, 99), SourceError, "in a way that is not supported"),
    Refused("nested", nest, SourceError, "holds another zip (archive (1).zip)"),
    Refused(
        "truncated",
        cut_in_half,
        SourceError,
        "is damaged or was cut short",
    ),
    Refused("damaged member", flip_a_byte, SourceError, f"in its member {SELLERS}"),
    Refused(
        "bomb",
        remake(lambda n, c: [(n, b"a" * 60_000_000 if n == SELLERS else c)]),
        SourceError,
        "more than 100 times its packed size",
    ),
    Refused("bomb with a false size", lie_about_the_size, SourceError, "damaged|100 times"),
    Refused(
        "a file missing",
        remake(lambda n, c: [] if n == SELLERS else [(n, c)]),
        ContractError,
        f"The archive olist.zip lacks 1 of the nine source files: {SELLERS}",
    ),
    Refused(
        "a file misnamed",
        remake(lambda n, c: [("olist_seller_dataset.csv" if n == SELLERS else n, c)]),
        ContractError,
        f"olist_seller_dataset.csv looks like a misnamed {SELLERS}",
    ),
    Refused("empty", remake(lambda _n, _c: []), ContractError, "no file at all"),
)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_spoiled_archive_is_refused_in_words(
    tiny_zip: Path, tmp_path: Path, case: Refused
) -> None:
    case.spoil(tiny_zip)
    before = names(tmp_path)
    with pytest.raises(case.error) as caught, open_source(tiny_zip, temp_dir=tmp_path):
        pass
    assert any(part in str(caught.value) for part in case.text.split("|")), str(caught.value)
    assert "olist.zip" in str(caught.value)
    assert names(tmp_path) == before


def test_more_bytes_than_allowed_are_refused_by_what_the_archive_claims(
    tiny_zip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1_000)
    with pytest.raises(SourceError, match="more than 1,000 bytes"), open_source(tiny_zip):
        pass


def test_more_bytes_than_allowed_are_refused_while_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1_000)
    info = zipfile.ZipInfo(SELLERS)
    info.compress_size = 500
    with pytest.raises(SourceError, match="more than 1,000 bytes"):
        archive._copy(tmp_path / "x.zip", io.BytesIO(b"x" * 700), info, tmp_path / "out", 301)


def test_text_named_zip_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    path.write_text("<html>log in</html>")
    with pytest.raises(SourceError, match="neither a directory nor a zip"), open_source(path):
        pass
