"""The byte-level parts of the load: counting records, and parting damaged files."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.raw.fingerprint import Fingerprint, take_fingerprint
from extract.raw.tolerant_reader import part_file

COLUMNS = ("a", "b", "c")
_FIELD = st.text(alphabet='ab", \n\r;é\u2028', max_size=8)
_ROWS = st.lists(st.tuples(_FIELD, _FIELD, _FIELD), max_size=12)


def written(rows: list[tuple[str, str, str]], line_end: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, *rows])
    return out.getvalue().encode()


def parted(content: bytes) -> tuple[list[list[str]], list[list[str]]]:
    with tempfile.TemporaryDirectory() as name:
        path, clean, rejects = Path(name, "in"), Path(name, "clean"), Path(name, "rejects")
        path.write_bytes(content)
        part_file(path, COLUMNS, clean, rejects)
        return read_csv(clean), read_csv(rejects)


def fingerprint_of(content: bytes) -> Fingerprint:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "in.csv")
        path.write_bytes(content)
        return take_fingerprint(path)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@settings(max_examples=150, deadline=None)
@given(rows=_ROWS, line_end=st.sampled_from(["\n", "\r\n"]))
def test_a_sound_file_comes_out_of_parting_as_it_went_in(
    rows: list[tuple[str, str, str]], line_end: str
) -> None:
    good, rejects = parted(written(rows, line_end))
    assert [tuple(row) for row in good] == rows
    assert rejects == []


@settings(max_examples=150, deadline=None)
@given(rows=_ROWS, line_end=st.sampled_from(["\n", "\r\n"]), cut=st.booleans())
def test_records_of_a_sound_file_are_counted_without_a_reader(
    rows: list[tuple[str, str, str]], line_end: str, cut: bool
) -> None:
    content = written(rows, line_end)
    fingerprint = fingerprint_of(content.removesuffix(line_end.encode()) if cut else content)
    assert fingerprint.num_records == len(rows)
    assert fingerprint.is_plain


@pytest.mark.parametrize("content", ["a,b\n\r,x\n", "a,b\nx\ry,1\n", "a,b\n1,2\r"])
def test_a_carriage_return_alone_is_left_to_the_tolerant_reader(content: str) -> None:
    assert not fingerprint_of(content.encode()).is_plain


@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=60), at=st.integers(0, 5))
def test_noise_in_one_line_never_costs_the_good_lines_before_it(noise: bytes, at: int) -> None:
    lines = [f"k{n},{n},x\n".encode() for n in range(6)]
    spoiled = b"a,b,c\n" + b"".join(lines[:at]) + noise + b"\n" + b"".join(lines[at:])
    good, rejects = parted(spoiled)
    assert good[:at] == [[f"k{n}", str(n), "x"] for n in range(at)]
    assert len(good) + len(rejects) >= at


def test_a_file_that_ends_inside_quotes_is_not_plain() -> None:
    assert not fingerprint_of(b'a,b,c\n1,"2,3\n').is_plain


def test_quotes_are_followed_across_the_pieces_a_file_is_read_in() -> None:
    # Pieces are of 1 MiB; the text with the line ends lies across the border.
    padding = b"x" * (1024**2 - 20)
    content = b"a,b,c\n" + padding + b',"' + b"\n" * 40 + b'",3\n4,5,6\n'
    assert fingerprint_of(content).num_records == 2
