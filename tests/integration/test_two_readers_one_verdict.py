"""DuckDB's direct reading and the tolerant reader agree on every line of any file."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.raw.contract import read_header
from extract.raw.fingerprint import take_fingerprint
from extract.raw.reader import Batch, Destination, ReaderGaveUpError, SourceFile, read_into
from extract.raw.schema import create_tables
from extract.tables import TABLES

SELLERS = next(table for table in TABLES if table.name == "sellers")
_FIELD = st.text(alphabet='ab ,"\r\n0', max_size=5)
_PIECE = st.one_of(
    st.sampled_from(["s1,1,a,SP", '"s2","2","b","RJ"', "s3,3,c,MG,", 's4,4,"d', ",,,", "x"]),
    st.lists(_FIELD, min_size=3, max_size=6).map(",".join),
)
Outcome = tuple[list[tuple[object, ...]], int]


def _read(con: duckdb.DuckDBPyConnection, content: str, *, with_care: bool) -> Outcome:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, SELLERS.file_name)
        path.write_bytes(content.encode())
        file = SourceFile(SELLERS, path, read_header(SELLERS, path), take_fingerprint(path))
        into = Destination(is_first=True, batch=Batch("b", datetime(2026, 1, 1)))  # noqa: DTZ001
        con.begin()
        try:
            create_tables(con)
            result = read_into(con, into, file, with_care=with_care)
            columns = ", ".join(SELLERS.columns)
            rows = con.execute(f"select {columns} from raw.sellers").fetchall()
        except ReaderGaveUpError:
            con.rollback()
            return _read(con, content, with_care=True)
        con.rollback()
        return sorted(rows, key=repr), result.num_rejected


@settings(max_examples=120, deadline=None)
@given(pieces=st.lists(_PIECE, max_size=5), line_end=st.sampled_from(["\n", "\r\n"]))
def test_both_readers_keep_and_reject_the_same_records(
    pieces: list[str], line_end: str
) -> None:
    content = line_end.join([",".join(SELLERS.columns), *pieces]) + line_end
    with duckdb.connect() as con:
        assert _read(con, content, with_care=False) == _read(con, content, with_care=True)
