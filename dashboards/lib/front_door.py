"""The index page: which dashboards there are, and what data stand behind them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from dashboards.lib import format as fmt
from dashboards.lib.catalogue import Dashboard
from dashboards.lib.page import source_words, synthetic_banner
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_info,
)
from dashboards.lib.theme import stylesheet
from dashboards.lib.tiles import message


def index_page(path: Path, dashboards: Sequence[Dashboard]) -> str:
    """The whole page as HTML, read anew from what is published at ``path`` now."""
    try:
        with published(path) as connection:
            info = read_info(connection)
        banner, status = synthetic_banner(info), _status(info)
    except DashboardDataError as error:
        banner, status = "", message("There is nothing to show yet", str(error), "warn")
    doors = "".join(
        f'<li><a href="{escape(one.path)}/"><b>{escape(one.title)}</b>'
        f"<span>{escape(one.summary)}</span></a></li>"
        for one in dashboards
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>Olist DW dashboards</title><style>{stylesheet()}</style></head>"
        f'<body class="dw-front"><main>{banner}<header class="dw-header">'
        f"<h1>Olist DW dashboards</h1></header>{status}"
        f'<ul class="dw-doors">{doors}</ul></main></body></html>'
    )


def _status(info: PublishedInfo) -> str:
    return (
        f'<p class="dw-asof">Data as of <b>{fmt.day(info.as_of_date)}</b> &middot; '
        f"{escape(source_words(info))} &middot; version {escape(info.run_id)}, "
        f"built {fmt.moment(info.built_at)} by Olist DW {escape(info.program_version)}</p>"
    )
