"""The events of dbt: only what somebody hears becomes a message.

dbt tells of each connection, statement and step of a node, and makes a message of it whether a
log takes it or not: a fifteenth of the time of a build. And for an event on its flags, which
are not told at all, it reads the source of every frame of the stack: a tenth of a second in
each process. A run of the pipeline keeps no log of dbt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager


class _Selective(EventManager):
    """Passes on all events but those for debugging, save the named ones."""

    def __init__(self, *wanted: str) -> None:
        super().__init__()
        self._wanted = frozenset(wanted)

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,  # noqa: ANN401 - as dbt has it
        force_warn_or_error_handling: bool = False,
    ) -> None:
        """Make a message of the event and hand it to loggers and callbacks."""
        for_debugging = (level or e.level_tag()) == EventLevel.DEBUG
        if not for_debugging or type(e).__name__ in self._wanted:
            super().fire_event(e, level, node, force_warn_or_error_handling)


@contextlib.contextmanager
def without_debug_events(*but: str) -> Iterator[None]:
    """Within the block, dbt makes no messages for debugging.

    Args:
        *but: Names of events of that level that are wanted, such as ``NodeFinished``.
    """
    before = get_event_manager()
    source_before = BehaviorFlagRendered._default_source  # it has no public way
    ctx_set_event_manager(_Selective(*but))
    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]
    try:
        yield
    finally:
        ctx_set_event_manager(before)
        BehaviorFlagRendered._default_source = staticmethod(source_before)  # type: ignore[method-assign]
