"""A corpus of bad input: one case a row, each with what must come of it.

All cases spoil the sellers file of the tiny source, which has the rows s1, s2 and s3 on lines
2 to 4. A case either breaks the contract (``error``: a pattern for the message) or loads,
keeping the rows ``kept`` and rejecting ``rejects`` (line number and a part of the reason).
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from extract.errors import ContractError
from tests.support.loading import Loader, assert_accounted, of
from tests.support.tiny_source import TINY_FILES

HEADER = '"seller_id","seller_zip_code_prefix","seller_city","seller_state"\n'
ONE, TWO, THREE = (
    '"s1","13023",campinas,SP\n',
    '"s2","20031",rio de janeiro,RJ\n',
    '"s3","04195",sao paulo,SP\n',
)
ALL = HEADER + ONE + TWO + THREE
LONG = 10_000_000


@dataclass(frozen=True)
class Broken:
    """A file that breaks its contract."""

    name: str
    content: str | bytes
    error: str


@dataclass(frozen=True)
class Loads:
    """A file that loads, perhaps not with all its lines."""

    name: str
    content: str | bytes | Callable[[], str | bytes]
    kept: tuple[str | None, ...] = ("s1", "s2", "s3")
    rejects: tuple[tuple[int, str], ...] = ()


BROKEN = (
    Broken("empty", "", "is empty"),
    Broken("bom and nothing else", "\ufeff", "is empty"),
    Broken(
        "a column is missing",
        ALL.replace(',"seller_city"', ""),
        "sellers_dataset.csv lacks the column seller_city. Its header is: seller_id, ",
    ),
    Broken(
        "two columns are missing",
        '"seller_id","seller_city"\n"s1",campinas\n',
        "lacks the columns seller_zip_code_prefix, seller_state",
    ),
    Broken(
        "a column is renamed",
        ALL.replace("seller_zip_code_prefix", "seller_zip_prefix"),
        "seller_zip_prefix looks like seller_zip_code_prefix under another name",
    ),
    Broken(
        "a column is in capitals",
        ALL.replace("seller_city", "SELLER_CITY"),
        "SELLER_CITY looks like seller_city",
    ),
    Broken(
        "a column stands twice",
        ALL.replace('"seller_city"', '"seller_state"'),
        "names the column seller_state more than once",
    ),
    Broken(
        "an unknown column stands twice",
        ALL.replace('"seller_state"', '"seller_state","x","x"'),
        "names the column x more than once",
    ),
    Broken("semicolons", ALL.replace(",", ";"), "is separated by semicolons, not commas"),
    Broken("tabs", ALL.replace(",", "\t"), "is separated by tabs"),
    Broken("bars", ALL.replace(",", "|"), "is separated by bars"),
    Broken("utf-16 with mark", ALL.encode("utf-16"), "is UTF-16 text. Save it as UTF-8"),
    Broken("utf-16 big", b"\xfe\xff" + ALL.encode("utf-16-be"), "is UTF-16 text"),
    Broken(
        "utf-16 without mark", ALL.encode("utf-16-le"), "NUL bytes in its header: it is UTF"
    ),
    Broken("utf-32", ALL.encode("utf-32"), "is UTF-32 text"),
    Broken(
        "latin-1 in the header",
        ALL.replace("seller_city", "seller_município").encode("latin-1"),
        "header that is not UTF-8 .*0xed",
    ),
    Broken("no header", ONE + TWO, "has none of its columns; its first line is s1, 13023"),
    Broken("blank first line", "\n" + ALL, "begins with a blank line"),
    Broken("blanks only", "   \n", "begins with a blank line"),
    Broken("carriage returns alone", ALL.replace("\n", "\r"), "carriage return alone"),
    Broken(
        "open quote in the header", ALL.replace('state"', "state"), "quote that is not clos"
    ),
    Broken("a web page", "<!DOCTYPE html>\n<html></html>\n", "is a web page"),
    Broken("a zip under a csv's name", b"PK\x03\x04rest", "is a zip or a spreadsheet"),
    Broken("two byte order marks", "\ufeff\ufeff" + ALL, "byte order mark .* twice"),
    Broken(
        "a pointer of git lfs", "version https://git-lfs.github.com/spec/v1\n", "git lfs pull"
    ),
    Broken("json", '[{"seller_id": "s1"}]\n', "is JSON"),
    Broken(
        "each line in quotes",
        '"seller_id,seller_zip_code_prefix,seller_city,seller_state"\n"s1,1,a,SP"\n',
        "each line in quotes as a whole",
    ),
    Broken("gzip", gzip.compress(ALL.encode()), "is compressed with gzip"),
    Broken("parquet", b"PAR1rest", "is a Parquet file"),
    Broken("no line end in sight", "x" * 100_000, "which is no header"),
    Broken("another table", TINY_FILES["customers"], "none of its columns|lacks the columns"),
)

LOADS = (
    # Odd, but nothing is lost.
    Loads("as it should be", ALL),
    Loads("bom", "\ufeff" + ALL),
    Loads("crlf", ALL.replace("\n", "\r\n")),
    Loads("mixed line ends", HEADER + ONE.replace("\n", "\r\n") + TWO + THREE),
    Loads("crlf header over lf rows", HEADER.replace("\n", "\r\n") + ONE + TWO + THREE),
    Loads("no line end at the end", ALL.rstrip("\n")),
    Loads("crlf without the last one", ALL.rstrip("\n").replace("\n", "\r\n")),
    Loads("carriage return at the end of the file", ALL.rstrip("\n") + "\r"),
    Loads("blank lines", HEADER + "\n" + ONE + "\n\n" + TWO + THREE + "\n\n"),
    Loads("header only", HEADER, kept=()),
    Loads("header only, no line end", HEADER.rstrip("\n"), kept=()),
    Loads("unquoted header", ALL.replace(HEADER, HEADER.replace('"', ""))),
    Loads("blanks in the header", ALL.replace('"seller_city"', ' "seller_city" ')),
    Loads("a comma behind every line", ALL.replace("\n", ",\n")),
    Loads(
        "commas behind every line",
        HEADER + (ONE + TWO + THREE).replace("\n", ",,,\n"),
    ),
    Loads(
        "a comma behind every line and a damaged one",
        HEADER + (ONE + TWO + THREE).replace("\n", ",\n") + 'x,"open\n',
        rejects=((5, "not closed"),),
    ),
    Loads(
        "a carriage return inside quotes and a damaged line",
        ALL.replace("campinas", '"cam\rpinas"') + 'x,"open\n',
        rejects=((5, "not closed"),),
    ),
    Loads(
        "a line of 100,000 fields",  # DuckDB would take a minute to store what is wrong with it
        lambda: ALL + "x," * 100_000 + "x\n",
        rejects=((5, "too many fields: 100001, not 4"),),
    ),
    Loads("text over two lines", ALL.replace("campinas", '"cam\r\npinas"')),
    Loads("text that looks like a record", ALL.replace("campinas", '"a\n""s9"",1,b,SP\nc"')),
    Loads("quotes doubled", ALL.replace("campinas", '"cam""pinas"')),
    Loads("a quote inside a bare field", ALL.replace("campinas", 'cam"pinas')),
    Loads("blanks around a quoted field", ALL.replace('"13023"', ' "13023" ')),
    Loads("carriage return inside quotes", ALL.replace("campinas", '"cam\rpinas"')),
    Loads("emoji and accents", ALL.replace("campinas", "são josé 🛵")),
    Loads("a hash first", ALL.replace('"s1"', "#s1"), kept=("#s1", "s2", "s3")),
    Loads("all fields empty", HEADER + ONE + ",,,\n", kept=(None, "s1")),
    Loads(
        "a long line within bounds",
        lambda: ALL.replace("campinas", "x" * 1_900_000),
    ),
    # Lines that cannot be kept, and neighbours that must be.
    Loads(
        "a field too few",
        HEADER + ONE + '"s2","20031",rio\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "too few fields: 3, not 4"),),
    ),
    Loads(
        "a field too many",
        HEADER + ONE + '"s2","20031",rio,de janeiro,RJ\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "too many fields: 5, not 4"),),
    ),
    Loads(
        "a field too many over two lines",
        HEADER + ONE + '"s2","20031","rio\nde janeiro",RJ,x\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "too many fields: 5, not 4"),),
    ),
    Loads(
        "an open quote in the first field",
        HEADER + ONE + '"s2,20031,rio,RJ\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "a quote is opened and not closed"),),
    ),
    Loads(
        "an open quote in the middle",
        HEADER + '"s1","13023","campinas,SP\n' + TWO + THREE,
        kept=("s2", "s3"),
        rejects=((2, "a quote is opened and not closed"),),
    ),
    Loads(
        "an open quote in the last line",
        HEADER + ONE + TWO + '"s3","04195","sao paulo,SP\n',
        kept=("s1", "s2"),
        rejects=((4, "a quote is opened and not closed"),),
    ),
    Loads(
        "an open quote and no other in the file",
        HEADER.replace('"', "") + 's1,1,"campinas,SP\ns2,2,rio,RJ\ns3,3,sao paulo,SP\n',
        kept=("s2", "s3"),
        rejects=((2, "a quote is opened and not closed"),),
    ),
    Loads(
        "two open quotes",
        HEADER + '"s1,1,campinas,SP\n' + TWO + '"s3,3,sao paulo,SP\n' + ONE,
        kept=("s1", "s2"),
        rejects=((2, "not closed"), (4, "not closed")),
    ),
    Loads(
        "cut off in the middle of a line",
        HEADER + ONE + TWO + '"s3","04',
        kept=("s1", "s2"),
        rejects=((4, "a quote is opened and not closed"),),
    ),
    Loads(
        "text behind a closing quote",
        HEADER + ONE + '"s2"x,"20031",rio,RJ\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "text behind a closing quote"),),
    ),
    Loads(
        "quotes escaped with a backslash",
        HEADER + ONE + '"s2","20031","rio \\"de\\" janeiro",RJ\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "text behind a closing quote"),),
    ),
    Loads(
        "a nul byte",
        HEADER + ONE + '"s2","20031",rio\0,RJ\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "NUL byte"),),
    ),
    Loads(
        "latin-1 in a value",
        (HEADER + ONE + '"s2","20031",ribeirão,RJ\n' + THREE).encode("latin-1"),
        kept=("s1", "s3"),
        rejects=((3, "not UTF-8"),),
    ),
    Loads(
        "latin-1 in every line",
        (HEADER + ONE.replace("campinas", "são") + THREE.replace("sao", "são")).encode(
            "latin-1"
        ),
        kept=(),
        rejects=((2, "not UTF-8"), (3, "not UTF-8")),
    ),
    Loads(
        "a line of 10 MB",
        lambda: HEADER + ONE + '"s2","20031",' + "x" * LONG + ",RJ\n" + THREE,
        kept=("s1", "s3"),
        rejects=((3, "longer than 2,000,000 bytes"),),
    ),
    Loads(
        "a quoted line of 10 MB",
        lambda: HEADER + ONE + '"s2","20031","' + "x" * LONG + '",RJ\n' + THREE,
        kept=("s1", "s3"),
        rejects=((3, "longer than 2,000,000 bytes"),),
    ),
    Loads(
        "a line of 40 MB, which DuckDB's reader drops without a word",
        lambda: HEADER + ONE + '"s2","20031",' + "x" * 4 * LONG + ",RJ\n" + THREE,
        kept=("s1", "s3"),
        rejects=((3, "longer than 2,000,000 bytes"),),
    ),
    Loads(
        "good records behind a text of many lines with an open quote",
        lambda: HEADER + '"s1","13023","' + "line\n" * 50 + ONE + TWO + THREE,
        kept=("s1", "s2", "s3"),
        rejects=((2, "not closed"), *((line, "too few") for line in range(3, 52))),
    ),
    Loads(
        "every kind at once",
        (HEADER + '"s0",1\n' + ONE + '"s9,1,a,SP\n' + TWO + "s8,1,a\0,SP\n\r\n" + THREE),
        rejects=((2, "too few"), (4, "not closed"), (6, "NUL")),
    ),
)


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    fresh = Loader(tmp_path)
    yield fresh
    fresh.con.close()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_contract_stops_before_anything_is_written(
    loader: Loader, case: Broken
) -> None:
    with pytest.raises(ContractError) as caught:
        loader.load(sellers=case.content)
    assert re.search(case.error, str(caught.value)), str(caught.value)
    assert "olist_sellers_dataset.csv" in str(caught.value)
    assert loader.rows("from duckdb_tables()") == []


@pytest.mark.parametrize("case", LOADS, ids=lambda case: case.name)
def test_every_record_is_kept_or_rejected_with_its_reason(loader: Loader, case: Loads) -> None:
    content = case.content() if callable(case.content) else case.content
    sellers = of(loader.load(sellers=content), "sellers")
    kept = loader.rows("select seller_id from raw.sellers order by seller_id nulls first")
    rejected = loader.rows(
        "select line_number, reason from ops.rejected_lines where table_name = 'sellers' "
        "order by line_number"
    )
    assert tuple(key for (key,) in kept) == case.kept
    assert [line for line, _ in rejected] == [line for line, _ in case.rejects]
    for (_, reason), (_, expected) in zip(rejected, case.rejects, strict=True):
        assert expected in reason
    assert sellers.num_records == len(case.kept) + len(case.rejects)
    assert sellers.num_rejected_lines == len(case.rejects)
    assert_accounted(sellers)


@pytest.fixture(scope="module")
def loaded_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse into which one seller, "old", has been loaded."""
    first = Loader(tmp_path_factory.mktemp("before"))
    first.load(sellers=HEADER + '"old","1",a,SP\n')
    first.con.close()
    return first.path


@pytest.fixture
def later(tmp_path: Path, loaded_before: Path) -> Iterator[Loader]:
    shutil.copy(loaded_before, tmp_path)
    copy = Loader(tmp_path, num_loads=1)
    yield copy
    copy.con.close()


@pytest.mark.parametrize("case", LOADS, ids=lambda case: case.name)
def test_a_later_file_is_read_as_the_first_one_is(later: Loader, case: Loads) -> None:
    # The second load reads into another table and merges; what it keeps must not differ.
    content = case.content() if callable(case.content) else case.content
    sellers = of(later.load(sellers=content), "sellers")
    kept = later.rows(
        "select seller_id from raw.sellers where seller_id is distinct from 'old' "
        "order by seller_id nulls first"
    )
    assert tuple(key for (key,) in kept) == case.kept
    assert (sellers.num_inserted, sellers.num_missing) == (len(case.kept), 1)
    assert sellers.num_rejected_lines == len(case.rejects)
    assert_accounted(sellers)
