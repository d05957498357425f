"""What of the data reaches a terminal and a log, and as what."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from orchestration.pipeline.console import LiveConsole, PlainConsole
from orchestration.runs.events import Notice
from orchestration.runs.records import LOG_NAME, run_log
from orchestration.terminal.entry import print_error
from orchestration.terminal.printable import printable
from orchestration.terminal.rich_console import Terminal

# Clear the screen; name the window; a bell; an 8-bit escape; turn the words round; hide a mark.
COMMANDS = {
    "\x1b[2J": "\\x1b[2J",
    "\x1b]0;owned\x07": "\\x1b]0;owned\\x07",
    "\x9b31m": "\\x9b31m",
    "\u202etxt.exe": "\\u202etxt.exe",
    "\u2066x\u2069": "\\u2066x\\u2069",
    "a\rb": "a\\rb",
    "\u200b": "\\u200b",
    "\x00": "\\x00",
}
HARMLESS = ["São Paulo", "R$\u00a01,234", "a\tb", "two\nlines", "\u2212 4 %", "日本", ""]


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_for_a_terminal_are_written_out(text: str) -> None:
    assert printable(text) == COMMANDS[text]


@pytest.mark.parametrize("text", HARMLESS)
def test_words_spaces_and_lines_stay_as_they_are(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("text", COMMANDS)
def test_no_console_of_a_command_passes_a_command_on(text: str) -> None:
    """In a line, in markup, in a cell of a table, and beside rich's own colours."""
    for is_terminal in (True, False):
        file = io.StringIO()
        console = Terminal(file=file, width=200, force_terminal=is_terminal)
        console.print(f"[bold]{escape(text)}[/]")
        table = Table()
        table.add_column("heading")
        table.add_row(Text(f"cell {text}"))
        console.print(table)
        PlainConsole(console)(Notice(text))
        with LiveConsole(console) as live:
            live(Notice(f"live {text}"))
        assert text not in file.getvalue()
        # Rich itself drops some of them before.
        assert ("\\x" in file.getvalue()) or ("\\u" in file.getvalue()) or "\r" in text


def test_an_error_and_a_log_hold_no_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "file \x1b[2J\u202e.csv"
    print_error(text, hint=text)
    with run_log(tmp_path, "INFO"):
        logging.getLogger("orchestration").warning("read %s\n%s", text, text)
    written = (tmp_path / LOG_NAME).read_text(encoding="utf-8")
    for output in (capsys.readouterr().err, written):
        assert output.count("file \\x1b[2J\\u202e.csv") == 2
        assert "\x1b[2J" not in output
    assert len(written.splitlines()) == 2
