"""The index page: which dashboards there are, what data stand behind them, how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboards.lib import format as fmt
from dashboards.lib.catalogue import Dashboard
from dashboards.lib.frame import bar, script, styles
from dashboards.lib.health import Health, State
from dashboards.lib.page import synthetic_banner
from dashboards.lib.queries.warehouse import PublishedInfo, source_words
from dashboards.lib.theme import stylesheet
from dashboards.lib.tiles import message

_WORDS: dict[State, str] = {
    "healthy": "Healthy",
    "stale": "Stale",
    "failed": "Last run failed",
    "unreadable": "Nothing to show",
}


def index_page(health: Health, dashboards: Sequence[Dashboard]) -> str:
    """The whole page as HTML."""
    if health.info is None:
        banner = ""
        status = message("There is nothing to show yet", health.words(), "warn")
    else:
        banner, status = synthetic_banner(health.info), _status(health.info, health)
    doors = "".join(
        f'<li><a href="{escape(one.path)}/"><b>{escape(one.title)}</b>'
        f"<span>{escape(one.summary)}</span></a></li>"
        for one in dashboards
    )
    return _html(
        "Olist DW dashboards",
        f'{banner}<header class="dw-header">'
        f"<h1>Olist DW dashboards</h1></header>{status}"
        f'<ul class="dw-doors">{doors}</ul><p class="dw-more">What every table and column '
        'means, and where it comes from: the <a href="/catalog/">data catalogue</a>.</p>',
        "/",
    )


def no_catalog_page() -> str:
    """What stands in the place of the catalogue until it is made."""
    text = (
        "Run `make docs` (half a minute); it is written beside the published warehouse. Then "
        "reload this page."
    )
    return _html(
        "Data catalogue, Olist DW",
        '<header class="dw-header">'
        f"<h1>Data catalogue</h1></header>{message('It has not been made yet', text, 'warn')}",
        "/catalog",
    )


def _html(title: str, body: str, current: str) -> str:
    """A page in the look of all, around its body."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title>{styles()}<style>{stylesheet()}</style></head>"
        f'<body class="dw-front">{bar(current)}<main id="main" tabindex="-1">{body}</main>'
        f"{script()}</body></html>"
    )


def _status(info: PublishedInfo, health: Health) -> str:
    facts = (
        ("Data as of", fmt.day(info.as_of_date)),
        ("Source", source_words(info)),
        ("Version", info.run_id),
        ("Built", f"{fmt.moment(info.built_at)} by Olist DW {info.program_version}"),
    )
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts
    )
    mood = "dw-good" if health.is_healthy else "dw-bad"
    return (
        f'<section class="dw-status" aria-label="State of the data"><dl>{rows}</dl>'
        f'<p data-health="{health.state}"><b class="{mood}">{_WORDS[health.state]}</b> '
        f"{escape(health.words())}</p></section>"
    )
