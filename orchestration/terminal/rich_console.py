"""The console that every command writes to with rich."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from orchestration.terminal.printable import printable


class Terminal(Console):
    """Rich's console, whose text holds no command for the terminal but rich's own."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What is written, piece by piece: each passes here, however deep in a table."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else printable(text), style, control)
