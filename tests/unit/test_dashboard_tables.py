"""Tables as people take them away."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboards.lib.cards import Chart, Panel, chart_card, data_table
from dashboards.lib.tables import Column, Table, exact_csv, excel_csv, spreadsheet_csv

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\rtext",
    "\n=1+1",
    "  =1+1",
    '"=1+1',
    "\uff1d1+1",
    "-",
    "+55 (11) 9999",
]
HARMLESS = [
    "São Paulo",
    "a=b",
    "x - y",
    "mail@example.org",
    "1=1",
    "'quoted'",
    "",
    "2018-08-09",
]
NUMBERS = ["-1.10", "+2", "-3e-05", "1234", "-0.5"]


def taken(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_and_no_heading_of_a_download_is_a_formula(text: str) -> None:
    table = Table("key", "Title", (Column(text),), ((text,),))
    for made in (table.csv(), spreadsheet_csv([text], [(text,)])):
        for line in taken(made):
            assert line[0].startswith("'")
            assert line[0].replace("'", "") == text.replace("'", "")


def test_a_cell_that_another_separator_would_split_hides_no_formula() -> None:
    (line,) = taken(spreadsheet_csv(["x;=1+1"], []))
    assert line == ["x;'=1+1"]
    (line,) = taken(spreadsheet_csv(['two\n@SUM(1)\tand "=2'], []))
    assert line == ["two\n'@SUM(1)\tand \"=2"]


@pytest.mark.parametrize("text", HARMLESS + NUMBERS)
def test_what_no_spreadsheet_takes_for_a_formula_stays_as_it_is(text: str) -> None:
    assert taken(spreadsheet_csv(["a", "b"], [(text, "end")]))[1] == [text, "end"]


def test_a_carriage_return_in_a_text_ends_no_line() -> None:
    for text in ("a\rb", "a\r\nb", "a\nb"):
        assert taken(exact_csv(["x", "y"], [(text, 1)]).encode()) == [["x", "y"], [text, "1"]]


def test_numbers_below_zero_stay_numbers_and_nothing_stays_empty() -> None:
    rows: list[tuple[Any, ...]] = [(-1, -1.5, Decimal("-2.10"), None, True)]
    assert spreadsheet_csv("abcde", rows) == b"a,b,c,d,e\n-1,-1.5,-2.10,,True\n"


def test_a_csv_for_excel_in_portuguese_opens_there_as_numbers_and_accents() -> None:
    rows = [("São Paulo", Decimal("1234.50"), 0.25, 3, None, "1.10", "=1+1", "a;b", True)]
    made = excel_csv(["name", *"bcdefghi"], rows)
    assert made.decode("utf-8") == (
        "\N{ZERO WIDTH NO-BREAK SPACE}name;b;c;d;e;f;g;h;i\n"
        'São Paulo;1234,50;0,25;3;;1,10;\'=1+1;"a;b";True\n'
    )


def test_a_table_without_rows_says_so_whatever_its_columns_are_to_look_like() -> None:
    shown = data_table([], {"a": str}, selection=None, text_justify_columns={"a": "right"})
    assert "No rows" in shown.text


def test_a_name_of_the_data_becomes_no_link_in_a_chart() -> None:
    names = ["<a href='http://attacker.invalid'>x</a>", "<A HREF=x>y", "<b>abbey</b>"]
    figure = go.Figure(go.Bar(x=names, y=[1, 2, 3], text=names), layout={"height": 100})
    text = chart_card(Chart("key", "Finding", "what", (Panel(figure),)))
    assert "attacker.invalid" in text
    assert re.search(r"(u003c|<|&lt;)/?a[\s&\\>]", text, re.IGNORECASE) is None
    assert "u003cb" in text  # what the charts themselves use stays
