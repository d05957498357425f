"""What alerts say, in which form, and what they must never say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from orchestration.alerts.channels import Mail, Webhook, channels, webhook_format
from orchestration.alerts.notify import alert_of_run, slow_key
from orchestration.alerts.texts import as_slack, as_teams, as_text, subject
from orchestration.runs.history import History
from orchestration.runs.summary import CheckResult, GateSummary, RunSummary, StageTime
from orchestration.settings import Settings

_START = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
_URL = "https://hooks.slack.com/services/T000/B000/veryveryhidden"

_CRITICAL = CheckResult(
    gate="raw",
    table="raw.orders",
    name="order_status is known",
    severity="critical",
    status="failed",
    expected="one of 8 statuses",
    observed="3 rows with others",
    num_unexpected=3,
    sample=("order_id=o1, order_status=<!channel> [x](http://evil.example)", "order_id=o2"),
    advice="Ask those who deliver the files.",
)
_WARNING = CheckResult(
    gate="marts",
    table="marts.mart_executive_dashboard",
    name="revenue against the version before",
    severity="warning",
    status="failed",
    expected="within 20 %",
    observed="31 % more",
)


def _settings(**more: Any) -> Settings:  # noqa: ANN401
    return Settings(_env_file=None, **more)


def _run(number: int = 2, **more: Any) -> RunSummary:  # noqa: ANN401
    start = _START + timedelta(days=number)
    values: dict[str, Any] = {
        "run_id": f"{start:%Y%m%dt%H%M%Sz}_000000",
        "status": "done",
        "started_at": start,
        "finished_at": start + timedelta(seconds=25),
        "source": "the nine files",
        "as_of_date": date(2018, 8, 31),
        "stages": (StageTime("prepare", 0.1), StageTime("extract", 4.0)),
    }
    return RunSummary(**(values | more))


def _failed(number: int = 2, **more: Any) -> RunSummary:  # noqa: ANN401
    values = {"status": "failed", "error": "A check failed.\nrow 1", "error_type": "GateError"}
    return _run(number, **(values | more))


def _told(summary: RunSummary, *others: RunSummary, **settings: Any) -> str | None:  # noqa: ANN401
    alert = alert_of_run(_settings(**settings), summary, None, History((summary, *others)))
    return alert.kind if alert else None


def test_each_end_of_a_run_has_its_alert() -> None:
    assert _told(_failed(), _run(1)) == "failure"
    assert _told(_failed(), _failed(1)) == "failure"
    assert _told(_run(), _failed(1)) == "recovery"
    assert _told(_run(problems=(_WARNING,)), _run(1)) == "warning"
    assert _told(_run(problems=(_WARNING,)), _failed(1)) == "recovery"
    assert _told(_run(), _run(1)) is None
    assert _told(_run()) is None


def test_a_run_over_its_limit_is_told_once() -> None:
    settings, slow = _settings(max_run_minutes=0.1), _run()
    assert _told(slow, max_run_minutes=0.1) == "slow"
    told = {slow_key(slow.run_id)}
    assert alert_of_run(settings, slow, None, History((slow,)), notified=told) is None


def test_ctrl_c_tells_nobody_and_does_not_end_an_incident() -> None:
    interrupted = _failed(2, error_type="KeyboardInterrupt")
    assert _told(interrupted) is None
    assert _told(_run(3), interrupted, _failed(1)) == "recovery"
    assert _told(_run(3), interrupted, _run(1)) is None
    assert _told(_failed(2, error_type="Terminated")) == "failure"


def test_a_validation_is_compared_with_validations() -> None:
    assert _told(_run(2, kind="validation"), _failed(1)) is None
    assert _told(_run(2), _failed(1, kind="validation")) is None


def test_a_failure_says_what_failed_which_rows_what_to_do_and_where(tmp_path: Path) -> None:
    report = tmp_path / "raw.html"
    gate = GateSummary("raw", 9, 0, 1, 0.5, report)
    summary = _failed(problems=(_WARNING, _CRITICAL), gates=(gate,))
    alert = alert_of_run(_settings(), summary, tmp_path, History((summary, _failed(1))))
    assert alert is not None
    text = as_text(alert)
    for words in (
        "A check failed.",
        "raw: order_status is known on raw.orders (3 rows)",
        "Expected: one of 8 statuses. Found: 3 rows with others.",
        "order_id=o2",
        "Ask those who deliver the files.",
        "docs/runbook.md",
        f"Report of raw: {report}",
        f"Log: {tmp_path / 'run.log'}",
        "Failed at: extract",
        "failed as well",
    ):
        assert words in text
    assert _WARNING.name not in text  # it did not stop the run
    assert subject(alert) == "[Olist DW] FAILED: The run failed at extract"


def test_every_form_holds_the_same_words() -> None:
    alert = alert_of_run(_settings(), _failed(problems=(_CRITICAL,)), None, History())
    assert alert is not None
    slack, teams = as_slack(alert), as_teams(alert)
    for content in (slack, teams):
        text = json.dumps(content)
        for words in ("order_status is known", "order_id=o2", "A check failed.", "runbook"):
            assert words in text
    assert {block["type"] for block in slack["blocks"]} == {"header", "section", "context"}
    assert teams["type"] == "message"
    [attachment] = teams["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")


def test_values_of_the_data_become_no_link_and_no_mention() -> None:
    alert = alert_of_run(_settings(), _failed(problems=(_CRITICAL,)), None, History())
    assert alert is not None
    slack = as_slack(alert)
    assert "<!channel>" not in slack["text"]
    texts = [b["text"] for b in slack["blocks"] if "text" in b]
    texts += [e for b in slack["blocks"] for e in b.get("elements", ())]
    assert {text["type"] for text in texts} == {"plain_text"}
    body = as_teams(alert)["attachments"][0]["content"]["body"]
    assert {block["type"] for block in body} == {"RichTextBlock"}


def test_a_message_stays_within_what_receivers_take() -> None:
    many = tuple(
        CheckResult(
            **{
                name: getattr(_CRITICAL, name)
                for name in ("gate", "table", "severity", "status")
            },
            name=f"check {n} " + "x" * 1000,
            expected="y" * 1000,
            observed="z" * 1000,
            sample=("v" * 1000,) * 50,
            advice="w" * 1000,
        )
        for n in range(300)
    )
    alert = alert_of_run(_settings(), _failed(problems=many, error="e" * 9000), None, History())
    assert alert is not None
    assert len(json.dumps(as_teams(alert))) < 28_000
    for block in as_slack(alert)["blocks"]:
        assert len(json.dumps(block)) < 3_100
    assert len(subject(alert)) <= 140
    assert "292 more" in as_text(alert)


def test_no_secret_is_part_of_a_message_or_of_a_channel() -> None:
    settings = _settings(
        alert_webhook_url=SecretStr(_URL),
        alert_email_to="a@example.org, b@example.org",
        smtp_host="mail.example.org",
        smtp_password=SecretStr("pass-w0rd"),
    )
    summary = _failed(
        error=f"cannot reach {_URL} with pass-w0rd", source=_URL, problems=(_CRITICAL,)
    )
    alert = alert_of_run(settings, summary, None, History())
    assert alert is not None
    safe = alert.without(settings.secrets)
    text = as_text(safe) + json.dumps(as_slack(safe)) + json.dumps(as_teams(safe))
    text += repr(channels(settings)) + repr(settings) + str(settings.model_dump())
    assert "(hidden)" in text
    assert "veryveryhidden" not in text
    assert "pass-w0rd" not in text


@pytest.mark.parametrize(
    ("url", "wanted", "found"),
    [
        (_URL, "auto", "slack"),
        ("https://prod-1.westeurope.logic.azure.com/workflows/x", "auto", "teams"),
        ("https://acme.webhook.office.com/webhookb2/x", "auto", "teams"),
        ("https://x.api.powerplatform.com/y", "auto", "teams"),
        ("https://chat.example.org/azure.com", "auto", "slack"),
        ("https://evilazure.com/x", "auto", "slack"),
        ("https://chat.example.org/hook", "teams", "teams"),
    ],
)
def test_the_form_of_a_webhook_follows_its_host(url: str, wanted: Any, found: str) -> None:  # noqa: ANN401
    assert webhook_format(url, wanted) == found


def test_the_settings_make_the_channels() -> None:
    assert channels(_settings()) == ()
    webhook, mail = channels(
        _settings(
            alert_webhook_url=SecretStr(_URL),
            alert_email_to="a@example.org,b@example.org",
            smtp_host="mail.example.org",
        )
    )
    assert isinstance(webhook, Webhook)
    assert isinstance(mail, Mail)
    assert mail.recipients == ("a@example.org", "b@example.org")
    assert mail.sender.startswith("olist-dw@")
