"""Kaggle: a missing package, a failed download, and a download that works.

The network alone is faked: kagglehub itself runs, and a server on this machine answers in
Kaggle's place.
"""

from __future__ import annotations

import io
import json
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from extract.errors import SourceError
from extract.sources import open_source
from tests.support.tiny_source import write_tiny_source


class Kaggle(ThreadingHTTPServer):
    """A stand-in for Kaggle: knows one dataset in version 2, or is out of order."""

    archive: bytes = b""
    is_broken = False
    downloads = 0


class _Handler(BaseHTTPRequestHandler):
    server: Kaggle

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.is_broken:
            self._answer(503, "text/plain", b"try later")
        elif self.path.endswith("/GetDataset"):
            body = json.dumps({"currentVersionNumber": 2}).encode()
            self._answer(200, "application/json", body)
        else:
            self.server.downloads += 1
            self._answer(200, "application/zip", self.server.archive)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet."""


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    pytest.importorskip("kagglehub", reason="the extra kaggle is not installed")
    server = Kaggle(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # kagglehub's own switch to a local server names no port, so it is reached as a proxy.
    address = f"http://127.0.0.1:{server.server_port}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "no-account"))
    yield server
    server.shutdown()
    server.server_close()


def packed(directory: Path) -> bytes:
    write_tiny_source(directory)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in directory.iterdir():
            archive.write(file, file.name)
    return buffer.getvalue()


def test_the_dataset_is_downloaded_once_and_then_taken_from_the_cache(
    tmp_path: Path, kaggle: Kaggle
) -> None:
    kaggle.archive = packed(tmp_path / "files")
    for _ in range(2):
        with open_source("kaggle") as source:
            assert (source.kind, source.is_synthetic) == ("kaggle", False)
            assert source.label == "Kaggle dataset olistbr/brazilian-ecommerce"
            assert source.paths["sellers"].read_text().startswith('"seller_id"')
    assert kaggle.downloads == 1


def test_a_failed_download_names_the_other_way(kaggle: Kaggle) -> None:
    kaggle.is_broken = True
    with (
        pytest.raises(
            SourceError, match=r"from Kaggle failed: .*download the zip from https://"
        ),
        open_source("kaggle"),
    ):
        pass


def test_without_kagglehub_the_way_to_install_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with (
        pytest.raises(SourceError, match=r'pip install "olist-dw\[kaggle\]"'),
        open_source("kaggle"),
    ):
        pass
