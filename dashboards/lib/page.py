"""What every page has: its header, its note on the source, its word when it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TypeVar

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.controls import FilterError
from dashboards.lib.queries import warehouse
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    source_words,
    version_now,
)
from dashboards.lib.tiles import message

__all__ = ["attempt", "footer", "header", "newer_version", "synthetic_banner", "version_now"]

T = TypeVar("T")


def attempt(load: Callable[[], T]) -> tuple[T | None, mo.Html | None]:
    """What ``load`` returns, or a box that says what to do instead."""
    try:
        return load(), None
    except DashboardDataError as error:
        return None, mo.Html(message("There is nothing to show yet", str(error), "warn"))
    except FilterError as error:
        return None, mo.Html(message("These filters select nothing", str(error), "warn"))


def header(title: str, info: PublishedInfo | None, question: str) -> mo.Html:
    """The title of a page, its purpose and, if known, its data; a banner if synthetic."""
    data = (
        ""
        if info is None
        else (
            f'<p class="dw-asof">Data as of <b>{fmt.day(info.as_of_date)}</b>'
            f" &middot; {escape(source_words(info))} &middot; version {escape(info.run_id)}</p>"
        )
    )
    return mo.Html(
        ("" if info is None else synthetic_banner(info)) + '<header class="dw-header">'
        f"<h1>{escape(title)}</h1><p>{escape(question)}</p>{data}</header>"
    )


def newer_version(published_path: Path, kept: Path) -> mo.Html | None:
    """A note that newer data are published than those of the page; nothing where none are."""
    newer = warehouse.newer_version(published_path, kept)
    if newer is None:
        return None
    text = (
        f"Version {newer.run_id}, with data as of {fmt.day(newer.as_of_date)}, was built "
        f"{fmt.moment(newer.built_at)}. Everything on this page is still of the version it was "
        "opened with: reload the page to change to the new one."
    )
    return mo.Html(message("There are newer data", text, "warn"))


def synthetic_banner(info: PublishedInfo) -> str:
    """A banner that no one overlooks, or nothing where the data are real."""
    if not info.is_synthetic:
        return ""
    return (
        '<div class="dw-banner" role="alert"><b>Synthetic data.</b> These figures were '
        "generated in the shape of the Olist data; they describe no real sale.</div>"
    )


def footer(info: PublishedInfo) -> mo.Html:
    """The note at the end of a page."""
    return mo.Html(
        '<footer class="dw-footer"><p>'
        f"Data as of <b>{fmt.day(info.as_of_date)}</b>, the last day the data are complete "
        f"for. Source: <b>{escape(source_words(info))}</b>. "
        f"Warehouse version <b>{escape(info.run_id)}</b>, "
        f"built {fmt.moment(info.built_at)} in {escape(info.engine)} by Olist DW "
        f"{escape(info.program_version)}. "
        "Amounts are Brazilian reais (BRL, R$). A sale is an order that is neither canceled "
        "nor unavailable. Reload the page to see a newer version.</p></footer>"
    )
