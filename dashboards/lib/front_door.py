"""The index page: key figures, what needs attention, the pages, the state of the data."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboards.lib import format as fmt
from dashboards.lib.catalogue import Dashboard
from dashboards.lib.figures import change, delta, figure, moved
from dashboards.lib.frame import bar, script, styles
from dashboards.lib.health import Health, State
from dashboards.lib.key_figures import PAGES, KeyFigure
from dashboards.lib.page import synthetic_banner
from dashboards.lib.periods import add_months, month_name
from dashboards.lib.queries.warehouse import PublishedInfo, source_words
from dashboards.lib.theme import stylesheet
from dashboards.lib.tiles import Tile, heading, message, tile_grid

_WORDS: dict[State, str] = {
    "healthy": "Healthy",
    "stale": "Stale",
    "failed": "Last run failed",
    "unreadable": "Nothing to show",
}

_SEARCH = (
    '<form class="dw-search" action="/ask/" method="get" role="search">'
    '<label for="search">Search the hundred questions</label>'
    '<input id="search" name="search" type="search" required '
    'placeholder="late, repeat, freight ..."><button>Search</button></form>'
)


def index_page(
    health: Health,
    dashboards: Sequence[Dashboard],
    figures: Sequence[KeyFigure] | None = (),
) -> str:
    """The whole page as HTML.

    Args:
        health: The state of the data.
        dashboards: The pages to go to.
        figures: The key figures; None while they are computed, and the page comes again.
    """
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
        f"<h1>Olist DW dashboards</h1></header>{_SEARCH}"
        f"{_key_figures(figures)}{_attention(health, figures or ())}"
        f'{heading("Pages")}<ul class="dw-doors">{doors}</ul>'
        '<p class="dw-more">What every table and column means, and '
        'where it comes from: the <a href="/catalog/">data catalogue</a>.</p>'
        f"{status}",
        "/",
        '<meta http-equiv="refresh" content="3">' if figures is None else "",
    )


def _key_figures(figures: Sequence[KeyFigure] | None) -> str:
    """The tiles of the latest complete month; a word while they are computed."""
    if figures is None:
        return message("The key figures are being computed", "They come in a few seconds.")
    tiles = [
        Tile(
            one.metric.name,
            one.metric.label,
            figure(one.metric, one.value),
            month_name(one.month),
            (delta(one.metric, one.value, one.before, _against(one)),),
            course=tuple(None if value is None else float(value) for value in one.course),
        )
        for one in figures
    ]
    return heading("Latest complete month") + tile_grid(tiles) if tiles else ""


def _against(one: KeyFigure) -> str:
    return f"vs {month_name(add_months(one.month, -1))}"


def _attention(health: Health, figures: Sequence[KeyFigure]) -> str:
    """What somebody should look at today: the data themselves, and what became worse."""
    items = []
    if health.info is not None and not health.is_healthy:
        items.append(("pipeline", _WORDS[health.state], health.words()))
    for one in figures:
        if one.is_worse:
            size = moved(one.metric, change(one.metric, one.value, one.before))
            words = f"{figure(one.metric, one.value)} in {month_name(one.month)}, {size}"
            items.append((PAGES[one.metric.name], one.metric.label, f"{words} {_against(one)}"))
    if not items and not figures:
        return ""
    rows = "".join(
        f'<li><a href="/{page}/">{escape(name)}</a> {escape(words)}</li>'
        for page, name, words in items
    )
    calm = (
        "<li>Nothing: the data are fresh, and no key figure is worse than a month before.</li>"
    )
    return (
        f'{heading("What needs attention")}<ul class="dw-attention" data-attention>'
        f"{rows or calm}</ul>"
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


def _html(title: str, body: str, current: str, head: str = "") -> str:
    """A page in the look of all, around its body."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">{head}'
        f"<title>{escape(title)}</title>{styles()}<style>{stylesheet()}</style></head>"
        f'<body class="dw-front">{bar(current)}<main id="main" tabindex="-1">{body}</main>'
        f"{script()}</body></html>"
    )


def _status(info: PublishedInfo, health: Health) -> str:
    facts = (
        ("Data as of", fmt.day(info.as_of_date)),
        ("Source", source_words(info)),
        ("Version", info.run_id),
        (
            "Built",
            f"{fmt.moment(info.built_at)} in {info.engine} by Olist DW {info.program_version}",
        ),
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
