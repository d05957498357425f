"""The front door over a real server: its page, its health, its password, its distrust."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.health import look
from dashboards.lib.password import hash_password
from dashboards.lib.server import Serving
from tests.support.executive_mart import publish
from tests.support.serving import PASSWORD, Server, basic, running

# The small mart says it was built in 2026: it is fresh for as long as anybody runs this.
FOREVER = timedelta(days=365 * 200)


def _run(directory: Path, status: str, run_id: str = "20261120t103000z_000001") -> None:
    home = directory / "runs" / run_id
    home.mkdir(parents=True)
    content = {"status": status, "finished_at": "2026-11-20T10:31:00+00:00", "error_type": "X"}
    (home / "summary.json").write_text(json.dumps(content), encoding="utf-8")


def _serving(directory: Path, fresh_for: timedelta = FOREVER) -> Serving:
    return Serving(directory / "olist.duckdb", directory / "runs", fresh_for)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("front_door")
    publish(home)
    return home


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[Server]:
    with running(_serving(directory)) as one:
        yield one


@pytest.fixture(scope="module")
def guarded(directory: Path) -> Iterator[Server]:
    serving = _serving(directory)
    with running(
        Serving(
            serving.published_path,
            serving.runs_dir,
            FOREVER,
            password_hash=hash_password(PASSWORD),
            is_open=True,
        )
    ) as one:
        yield one


# The page


def test_the_front_door_names_the_data_and_every_dashboard(server: Server) -> None:
    page = server.get("/").text
    for words in ("31 Aug 2018", "the rules of a test", "20180901T060000", "20 Nov 2026"):
        assert words in page
    for dashboard in DASHBOARDS:
        assert f'href="{dashboard.path}/"' in page
    assert 'data-health="healthy"' in page


def test_a_browser_fetches_the_scripts_of_all_dashboards_once(server: Server) -> None:
    scripts = {
        urljoin(f"{dashboard.path}/", name)
        for dashboard in DASHBOARDS
        for name in re.findall(
            r'<script type="module"[^>]* src="([^"]+)"', server.get(f"{dashboard.path}/").text
        )
    }
    (script,) = scripts
    answer = server.get(script)
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]


def test_a_publish_is_seen_by_the_next_page_without_a_restart(tmp_path: Path) -> None:
    with running(_serving(tmp_path)) as server:
        assert "make pipeline" in server.get("/").text
        publish(tmp_path, run_id="20180901T000000")
        assert "20180901T000000" in server.get("/").text
        publish(tmp_path, run_id="20180902T000000")
        page = server.get("/").text
        assert "20180902T000000" in page
        assert "20180901T000000" not in page


def test_the_catalogue_gets_the_bar_and_keeps_what_it_has(tmp_path: Path) -> None:
    made = "<html><head><title>dbt</title></head><body class='x'><p>all of it</p></body></html>"
    path = tmp_path / "index.html"
    path.write_text(made, encoding="utf-8")
    serving = Serving(tmp_path / "olist.duckdb", tmp_path / "runs", catalog_path=path)
    with running(serving) as server:
        page = server.get("/catalog/").text
    assert "<p>all of it</p>" in page
    assert '<a href="/catalog/" aria-current="page">' in page
    assert '<a href="/executive/">' in page


# Health


def test_a_healthy_warehouse_answers_200_with_its_version(server: Server) -> None:
    answer = server.get("/health")
    assert answer.status == 200
    found = json.loads(answer.text)
    assert found["status"] == "healthy"
    assert found["version"] == "20180901T060000"
    assert found["as_of_date"] == "2018-08-31"


def test_health_tells_no_path_of_the_machine(server: Server, directory: Path) -> None:
    assert str(directory) not in server.get("/health").text


def test_nothing_published_answers_503(tmp_path: Path) -> None:
    with running(_serving(tmp_path)) as server:
        answer = server.get("/health")
    assert answer.status == 503
    assert json.loads(answer.text)["status"] == "unreadable"


def test_a_version_older_than_allowed_is_stale(tmp_path: Path) -> None:
    publish(tmp_path)
    with running(_serving(tmp_path, timedelta(seconds=1))) as server:
        answer = server.get("/health")
        page = server.get("/").text
    assert (answer.status, json.loads(answer.text)["status"]) == (503, "stale")
    assert 'data-health="stale"' in page


def test_a_failed_last_run_is_told_with_its_log(tmp_path: Path) -> None:
    publish(tmp_path)
    _run(tmp_path, "done", "20261119t103000z_000001")
    _run(tmp_path, "failed", "20261120t103000z_000001")
    with running(_serving(tmp_path)) as server:
        answer = server.get("/health")
        page = server.get("/").text
    assert (answer.status, json.loads(answer.text)["status"]) == (503, "failed")
    assert "runs/20261120t103000z_000001" in page


def test_health_is_cheap_to_ask(server: Server) -> None:
    server.get("/health")
    start = time.process_time()
    for _ in range(20):
        server.get("/health")
    # Of this process, client and server: opening the version alone took 50 ms.
    assert (time.process_time() - start) / 20 < 0.02


# What browsers may do


@pytest.mark.parametrize("path", ["/", "/health", "/executive/", "/catalog/", "/nothing"])
def test_every_answer_says_where_a_page_may_load_from_and_that_none_may_frame_it(
    server: Server, guarded: Server, path: str
) -> None:
    for answer in (server.get(path), server.get(path, host="evil.example"), guarded.get(path)):
        policy = answer.headers["content-security-policy"]
        for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
            assert part in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


# The password


def test_every_address_asks_for_the_password(guarded: Server) -> None:
    paths = ["/", "/nothing", *(f"{dashboard.path}/" for dashboard in DASHBOARDS)]
    for path in paths:
        answer = guarded.get(path)
        assert answer.status == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert "Olist DW dashboards" not in answer.text


def test_the_right_password_opens_the_door(guarded: Server) -> None:
    answer = guarded.get("/", authorization=basic())
    assert answer.status == 200
    assert "31 Aug 2018" in answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert PASSWORD not in cookie


def test_the_cookie_stands_for_the_password(guarded: Server) -> None:
    cookie = guarded.get("/", authorization=basic()).headers["set-cookie"].split(";")[0]
    assert guarded.get("/", cookie=cookie).status == 200
    assert guarded.get("/", cookie=f"{cookie}x").status == 401


@pytest.mark.parametrize(
    "header",
    [basic("wrong"), basic(user="somebody"), "Basic !", "Basic ", "Bearer abc"],
)
def test_anything_else_does_not_open_it(guarded: Server, header: str) -> None:
    assert guarded.get("/", authorization=header).status == 401
    # A success, so that the next try is not kept waiting.
    assert guarded.get("/", authorization=basic()).status == 200


def test_a_stranger_learns_nothing_from_health_but_the_state(guarded: Server) -> None:
    assert json.loads(guarded.get("/health").text) == {"status": "healthy"}
    known = json.loads(guarded.get("/health", authorization=basic()).text)
    assert known["version"] == "20180901T060000"


def test_a_web_socket_without_the_password_is_refused(guarded: Server) -> None:
    path = f"ws://127.0.0.1:{guarded.port}{DASHBOARDS[0].path}/ws?session_id=s_stranger"
    with pytest.raises(InvalidStatus) as refused, connect(path):
        pass
    assert refused.value.response.status_code == 403


def test_after_five_failures_an_address_has_to_wait_even_with_the_right_password(
    directory: Path,
) -> None:
    serving = _serving(directory)
    closed = Serving(
        serving.published_path, serving.runs_dir, password_hash=hash_password(PASSWORD)
    )
    with running(closed) as server:
        wrong = [server.get("/", authorization=basic(f"wrong {i}")).status for i in range(5)]
        answer = server.get("/", authorization=basic())
    assert wrong == [401] * 5
    assert answer.status == 429
    assert 0 < int(answer.headers["retry-after"]) <= 2


# Other sites


def test_a_page_of_another_site_may_not_ask(server: Server) -> None:
    assert server.get("/", origin="http://evil.example").status == 403
    own = f"http://127.0.0.1:{server.port}"
    assert server.get("/", origin=own).status == 200


def test_a_page_of_another_site_gets_no_web_socket(server: Server) -> None:
    path = f"ws://127.0.0.1:{server.port}{DASHBOARDS[0].path}/ws?session_id=s_other1"
    other = Origin("http://evil.example")
    with pytest.raises(InvalidStatus) as refused, connect(path, origin=other):
        pass
    assert refused.value.response.status_code == 403


def test_a_name_that_another_site_points_at_this_machine_is_refused(server: Server) -> None:
    assert server.get("/", host="evil.example").status == 400


def test_a_version_of_the_future_is_not_fresh_and_has_no_age(tmp_path: Path) -> None:
    publish(tmp_path)
    before = datetime(2020, 1, 1, tzinfo=UTC)  # the small mart says it was built in 2026
    health = look(tmp_path / "olist.duckdb", tmp_path / "runs", FOREVER, before)
    assert health.state == "stale"
    assert health.details()["age_hours"] is None
    assert "a clock was wrong" in health.words()


def test_a_failed_run_is_seen_behind_one_of_the_future(tmp_path: Path) -> None:
    publish(tmp_path)
    _run(tmp_path, "failed")
    _run(tmp_path, "done", "20991120t103000z_000001")
    summary = tmp_path / "runs" / "20991120t103000z_000001" / "summary.json"
    text = summary.read_text(encoding="utf-8").replace("2026-", "2099-")
    summary.write_text(text, encoding="utf-8")
    health = look(tmp_path / "olist.duckdb", tmp_path / "runs", FOREVER)
    assert health.state == "failed"
