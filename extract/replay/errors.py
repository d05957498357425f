"""The one error that is a replay's own; a bad source raises those of ``extract.errors``."""

from __future__ import annotations

from extract.errors import ExtractError


class ReplayError(ExtractError):
    """The replay cannot be done as asked, or its drops cannot be written."""
