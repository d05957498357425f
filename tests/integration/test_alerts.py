"""Alerts of real runs, received by a real web server and a real mail server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from extract.errors import ContractError
from orchestration.alerts import notify as alerts
from orchestration.cli import main as olist
from orchestration.errors import NotAWarehouseError, TransformError, WarehouseBusyError
from orchestration.pipeline.context import RunContext, RunOptions, open_run
from orchestration.pipeline.stages import run
from orchestration.runs.events import Event
from orchestration.runs.records import run_directories
from orchestration.runs.summary import CheckResult
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.store import Warehouse
from tests.support import tiny
from tests.support.receivers import (
    MailReceiver,
    WebReceiver,
    free_port,
    hanging_receiver,
    mail_receiver,
    web_receiver,
)

# The mail server of the tests asks for a password without TLS, and says that this is unwise.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SECRET = "t0p-s3cret-path"  # noqa: S105 - of a test
PASSWORD = "m4il-p4ssword"  # noqa: S105
PROBLEM = CheckResult(
    gate="dbt",
    table="core.orders",
    name="orders_are_unique",
    severity="warning",
    status="failed",
    expected="no row",
    observed="2 rows",
    num_unexpected=2,
    sample=("order_id=abc", "order_id=def"),
    advice="Read the rows.",
)


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with web_receiver(SECRET) as one:
        yield one


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with mail_receiver(PASSWORD) as one:
        yield one


def _settings(directory: Path, **more: Any) -> Settings:  # noqa: ANN401
    return Settings(_env_file=None, warehouse_dir=directory / "dw", **more)


def _to(web: WebReceiver) -> dict[str, Any]:
    return {"alert_webhook_url": SecretStr(web.url)}


def _by_mail(mail: MailReceiver) -> dict[str, Any]:
    return {
        "alert_email_to": "one@example.org, two@example.org",
        "smtp_host": "127.0.0.1",
        "smtp_port": mail.port,
        "smtp_user": "olist",
        "smtp_password": SecretStr(PASSWORD),
        "smtp_starttls": False,
    }


def _ignore(_: Event) -> None:
    pass


def _run(
    settings: Settings, *problems: CheckResult, error: BaseException | None = None
) -> None:
    """A run that publishes a tiny warehouse, with these problems, or fails."""
    with open_run(settings, RunOptions(), _ignore) as context:
        with context.stage("prepare"):
            context.build = context.warehouse.begin_build(context.run_id, None)
        context.problems += problems
        with context.stage("transform"):
            if error is not None:
                raise error
        _publish(context)


def _publish(context: RunContext) -> None:
    assert context.build is not None
    with context.stage("publish"):
        tiny.fill(context.build, 1)
        context.published = context.warehouse.publish(context.build)


def _titles(web: WebReceiver) -> list[str]:
    return [post["blocks"][0]["text"]["text"] for post in web.posts]


def _log(settings: Settings) -> str:
    return (run_directories(settings.runs_dir)[0] / "run.log").read_text(encoding="utf-8")


def test_a_failed_run_is_told_by_webhook_and_mail_with_its_rows(
    tmp_path: Path, web: WebReceiver, mail: MailReceiver
) -> None:
    settings = _settings(tmp_path, **_to(web), **_by_mail(mail))
    with pytest.raises(TransformError):
        _run(settings, PROBLEM, error=TransformError("The test orders_are_unique failed."))
    [title] = _titles(web)
    assert title == "[Olist DW] FAILED: The run failed at transform"
    [message] = mail.mails
    assert message["Subject"] == title
    assert mail.recipients == [["one@example.org", "two@example.org"]]
    posted, mailed = json.dumps(web.posts), message.get_content()
    for words in ("orders_are_unique", "order_id=def", "Read the rows.", "run.log"):
        assert words in posted
        assert words in mailed
    assert "Told by e-mail" in _log(settings)


def test_the_nights_after_are_told_as_recovery_and_warning_and_a_good_one_not(
    tmp_path: Path, web: WebReceiver
) -> None:
    settings = _settings(tmp_path, **_to(web))
    with pytest.raises(TransformError):
        _run(settings, error=TransformError("no"))
    _run(settings)
    _run(settings)
    _run(settings, PROBLEM)
    marks = [title.split(":")[0].removeprefix("[Olist DW] ") for title in _titles(web)]
    assert marks == ["FAILED", "RECOVERED", "WARNING"]
    assert "order_id=abc" in json.dumps(web.posts[2])


def test_files_that_break_their_contract_are_told(tmp_path: Path, web: WebReceiver) -> None:
    source = tiny.write_source(tmp_path / "source")
    (source / "olist_sellers_dataset.csv").unlink()
    settings = _settings(tmp_path, **_to(web), source=str(source))
    with pytest.raises(ContractError):
        run(settings, RunOptions(), _ignore)
    assert _titles(web) == ["[Olist DW] FAILED: The run failed at prepare"]
    assert "olist_sellers_dataset.csv" in json.dumps(web.posts[0])


def test_a_killed_run_is_on_record_and_the_next_one_is_a_recovery(
    tmp_path: Path, web: WebReceiver
) -> None:
    settings = _settings(tmp_path, **_to(web))
    killed = settings.runs_dir / "20261119t050000z_000000"
    killed.mkdir(parents=True)
    (killed / "run.log").write_text("extract: started\n", encoding="utf-8")
    _run(settings)
    record = json.loads((killed / "summary.json").read_text(encoding="utf-8"))
    assert (record["status"], record["error_type"]) == ("failed", "EndedWithoutAWord")
    assert "extract: started" in record["error"]
    assert _titles(web) == ["[Olist DW] RECOVERED: The run works again"]
    assert "ended without a word" in json.dumps(web.posts[0])


def test_a_run_that_cannot_even_begin_is_told(tmp_path: Path, web: WebReceiver) -> None:
    settings = _settings(tmp_path, **_to(web))
    settings.warehouse_dir.write_text("a file", encoding="utf-8")
    with pytest.raises(NotAWarehouseError):
        _run(settings)
    assert _titles(web) == ["[Olist DW] FAILED: The run failed at its start"]


def test_a_run_that_finds_the_warehouse_locked_tells_nobody(
    tmp_path: Path, web: WebReceiver
) -> None:
    settings = _settings(tmp_path, **_to(web))
    with Warehouse(settings.warehouse_dir).lock("another"), pytest.raises(WarehouseBusyError):
        _run(settings)
    assert web.posts == []


def test_ctrl_c_tells_nobody(tmp_path: Path, web: WebReceiver) -> None:
    with pytest.raises(KeyboardInterrupt):
        _run(_settings(tmp_path, **_to(web)), error=KeyboardInterrupt())
    assert web.posts == []


def test_a_receiver_that_stumbles_is_asked_once_more(tmp_path: Path, web: WebReceiver) -> None:
    web.statuses = [503, 200]
    _run(_settings(tmp_path, **_to(web)), PROBLEM)
    assert len(web.posts) == 2


@pytest.mark.parametrize("status", [404, 302])
def test_a_receiver_that_refuses_is_not_asked_again_nor_followed(
    tmp_path: Path, web: WebReceiver, status: int
) -> None:
    web.statuses = [status]
    settings = _settings(tmp_path, **_to(web))
    _run(settings, PROBLEM)
    assert len(web.posts) == 1
    assert f"did not arrive by webhook in Slack form: it answered {status}" in _log(settings)


def test_dead_receivers_neither_fail_nor_hold_up_a_run_and_their_address_is_not_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Less than one answer may take: the bound holds whatever the channels do.
    monkeypatch.setattr(alerts, "LIMIT", 2.0)
    with hanging_receiver() as port:
        settings = _settings(
            tmp_path,
            alert_webhook_url=SecretStr(f"http://127.0.0.1:{port}/{SECRET}"),
            **_by_mail(MailReceiver(port=free_port())),
        )
        started = time.monotonic()
        _run(settings, PROBLEM)
        seconds = time.monotonic() - started
    assert seconds < 5
    log = _log(settings)
    assert "by webhook in Slack form: no answer within" in log
    assert "by e-mail: the connection was refused" in log
    for secret in (SECRET, PASSWORD):
        assert secret not in log
    assert (
        json.loads(
            (run_directories(settings.runs_dir)[0] / "summary.json").read_text(encoding="utf-8")
        )["status"]
        == "done"
    )


def test_a_wrong_mail_password_is_said_without_the_password(
    tmp_path: Path, mail: MailReceiver
) -> None:
    wrong = _by_mail(mail) | {"smtp_password": SecretStr("wr0ng-p4ssword")}
    settings = _settings(tmp_path, **wrong)
    _run(settings, PROBLEM)
    assert mail.mails == []
    assert "refused the name or the password" in _log(settings)
    assert "wr0ng-p4ssword" not in _log(settings)


def test_a_password_is_not_sent_to_a_server_without_tls(
    tmp_path: Path, mail: MailReceiver
) -> None:
    settings = _settings(tmp_path, **(_by_mail(mail) | {"smtp_starttls": True}))
    _run(settings, PROBLEM)
    assert mail.mails == []
    assert "the mail server offers no TLS" in _log(settings)


def _command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_tells_and_prints_no_secret_even_when_it_is_verbose(
    tmp_path: Path, web: WebReceiver
) -> None:
    web.statuses = [404]
    (tmp_path / "empty").mkdir()
    done = _command(
        *("run_pipeline.py", "--verbose", "--source", str(tmp_path / "empty")),
        *("--warehouse", str(tmp_path / "dw")),
        OLIST_ALERT_WEBHOOK_URL=web.url,
    )
    assert done.returncode == 2
    assert len(web.posts) == 1
    assert "Traceback" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert SECRET not in (next((tmp_path / "dw/runs").iterdir()) / "run.log").read_text("utf-8")


def test_the_test_message_arrives_and_says_so(
    web: WebReceiver,
    mail: MailReceiver,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (_to(web) | _by_mail(mail) | {"smtp_port": free_port()}).items():
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        monkeypatch.setenv(f"OLIST_{name.upper()}", text)
    monkeypatch.setenv("OLIST_ALERT_WEBHOOK_FORMAT", "teams")
    assert olist(["alerts", "test"]) == 1
    said = capsys.readouterr()
    assert "webhook in Teams form: arrived" in said.out
    assert "e-mail: did not arrive: the connection was refused" in said.out
    assert SECRET not in said.out + said.err
    assert web.posts[0]["attachments"][0]["content"]["type"] == "AdaptiveCard"
