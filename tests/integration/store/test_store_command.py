"""``olist store``: start, play, status, and what it says when something is wrong."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from orchestration.cli import main
from orchestration.errors import EXIT_DONE, EXIT_WRONG_USE
from orchestration.postgres import local


@pytest.fixture
def _of_the_shop(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLIST_STORE_URL", empty_database)


@pytest.mark.usefixtures("_of_the_shop")
def test_a_dataset_is_played_shown_and_goes_on(
    store_files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(store_files)
    until = ["--until", "2018-03-10"]
    assert main(["store", "play", "--source", source, *until]) == EXIT_DONE
    assert "orders a second" in capsys.readouterr().out
    assert main(["store", "status"]) == EXIT_DONE
    shown = capsys.readouterr().out
    assert "Played to 2018-03-10" in shown
    assert "OrderPlaced" in shown
    assert main(["store", "play", "--source", source]) == EXIT_DONE
    assert main(["store", "play", "--source", source]) == EXIT_DONE
    assert "nothing was left to play" in capsys.readouterr().out


@pytest.mark.usefixtures("_of_the_shop")
def test_a_database_without_a_shop_is_said_with_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["store", "status"]) == EXIT_WRONG_USE
    assert "olist store play" in capsys.readouterr().err


def test_without_an_address_it_is_said_how_to_get_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLIST_STORE_URL", raising=False)
    assert main(["store", "status"]) == EXIT_WRONG_USE
    assert "OLIST_STORE_URL" in capsys.readouterr().err


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that the account of PostgreSQL can reach; its server is ended."""
    if local.find_binaries() is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    place = Path(tempfile.mkdtemp(prefix="olist-store-start-"))
    yield place / "server"
    if (server := local.find(place / "server")) is not None:
        server.stop()
    shutil.rmtree(place, ignore_errors=True)


def test_the_server_of_the_shop_starts_and_leaves_its_address(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory.parent.chmod(0o755)
    assert main(["store", "start", "--dir", str(directory)]) == EXIT_DONE
    shown = capsys.readouterr().out
    setting, _, url = (directory / local.URL_FILE).read_text().strip().partition("=")
    assert setting == "OLIST_STORE_URL"
    with psycopg.connect(url) as connection:
        assert connection.execute("show lc_ctype").fetchone() == ("C.UTF-8",)
    assert url not in shown
    assert main(["postgres", "stop", "--dir", str(directory)]) == EXIT_DONE
