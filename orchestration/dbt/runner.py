"""dbt, in this process: the one place that builds its arguments and starts it.

The models and tests themselves are in the dbt project; what they gave, as data, is in
``orchestration.dbt.results``. What a failed test means for a run is
decided in ``orchestration.pipeline.stages``; how progress looks is in
``orchestration.pipeline.console``.

dbt takes seconds to import and to read the project. :class:`Dbt` can do both in a thread while
a run loads its data: DuckDB does not hold Python's lock while it works.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.dbt.results import (
    KINDS,
    STATUS,
    NodeProgress,
    TransformResult,
    read_results,
    tidy,
    with_samples,
)
from orchestration.dbt.semantic_cache import keep_definitions
from orchestration.errors import SelectionError, TransformError
from orchestration.terminal.signals import is_asked_to_stop

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_INTERRUPTS = 0.2
_NOTHING_SELECTED = "NoNodesForSelectionCriteria"
_METRIC_REFUSED = "SemanticValidationFailure"
_NODE_FINISHED = "NodeFinished"  # the event of dbt that is listened for
# What is not built and tested on a night: tests with this tag, and what is in this folder.
_WEEKLY = "weekly"
_SEEDS = "seeds"
DUCKDB = "pipeline"  # the target of profiles.yml that builds in a DuckDB file


@dataclass(frozen=True, slots=True)
class TransformRequest:
    """What dbt shall build, and where.

    Attributes:
        project_dir: The dbt project, with its profiles.yml.
        database: The DuckDB file to work on; no other connection to it may be open.
        cache_dir: For compiled SQL; may be lost or spoiled.
        threads: Models built at the same time.
        memory_limit: Memory for DuckDB, or None for its default.
        full_refresh: Rebuild incremental models from nothing.
        select: dbt's selection syntax, or None for everything.
        unit_tests: Run the models' unit tests, too. They check code, not data, and would take
            nearly half of a run: the project's own tests run them.
        tests_only: Build nothing and test what the file holds.
        target: The output of profiles.yml: the engine that builds.
        environment: Further variables that the project reads, by name.
        exclude: What is left out, in dbt's selection syntax.
    """

    project_dir: Path
    database: Path
    cache_dir: Path
    threads: int = 2
    memory_limit: str | None = None
    full_refresh: bool = False
    select: str | None = None
    unit_tests: bool = False
    tests_only: bool = False
    target: str = DUCKDB
    environment: Mapping[str, str] = field(default_factory=dict)
    exclude: str | None = None

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of nodes that are built or tested."""
        if self.tests_only:
            return ["test"]
        return KINDS if self.unit_tests else [kind for kind in KINDS if kind != "unit_test"]


Listener = Callable[[NodeProgress], None]


class Dbt:
    """One dbt project on one database file."""

    def __init__(self, request: TransformRequest) -> None:
        """Nothing happens before :meth:`start` or :meth:`build`."""
        self.request = request
        self._manifest: Manifest | None = None
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to import dbt and to read the project, in a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._prepare, name="dbt-parse")
            self._thread.start()

    def close(self) -> None:
        """Wait for the thread, if there is one: Python must not end while dbt is imported."""
        if self._thread is not None:
            self._thread.join()

    def build(
        self,
        on_node: Listener | None = None,
        *,
        full_refresh: bool = False,
        tests_from: datetime | None = None,
        empty: bool = False,
    ) -> TransformResult:
        """Build seeds, models and snapshots and run their tests, in dependency order.

        Args:
            on_node: Told of every finished node; called from dbt's threads, one at a time.
            full_refresh: Rebuild incremental models from nothing, whatever the request says.
            tests_from: Test the rows that changed after this moment, and leave out the seeds
                and the weekly tests; None tests everything. Not for a request that selects.
            empty: Make the tables without rows, and test nothing.

        Returns:
            The outcome of every node. Failed nodes do not raise; see :func:`explain`.

        Raises:
            SelectionError: The selection is empty or not in dbt's syntax; nothing was built.
            TransformError: dbt could not read the project or could not start.
        """
        started = time.monotonic()
        self.start()
        self.close()
        if self._error is not None:
            raise self._error
        kinds = [kind for kind in self.request.kinds if not (empty and kind == "test")]
        flags = ["--threads", str(self.request.threads)]
        flags += [f"--resource-type={kind}" for kind in kinds]
        if empty:
            flags.append("--empty")
        if full_refresh or self.request.full_refresh:
            flags.append("--full-refresh")
        selection = self._selection()
        left_out = (self.request.exclude or "").split()
        if tests_from is not None:
            # Seeds are files of the project: they change only with it.
            left_out += [f"tag:{_WEEKLY}", f"path:{_SEEDS}"]
            flags += ["--vars", json.dumps({"tests_from": tests_from.isoformat(sep=" ")})]
        if left_out:
            flags += ["--exclude", *left_out]
        num_nodes = self._count(selection, all_nodes=tests_from is None)
        tally = _Tally(on_node, num_nodes)
        try:
            with _interrupted_for_good():
                outcome = _invoke(
                    self.request,
                    "build",
                    *flags,
                    *selection,
                    manifest=self._manifest,
                    on_event=tally,
                )
        finally:
            close_database()
        _raise_interrupt(outcome)
        results = getattr(outcome.result, "results", None)
        if results is None:
            raise TransformError(_dbt_refused(outcome, "build"))
        nodes = read_results(results)
        if self.request.target == DUCKDB:
            nodes = with_samples(nodes, results, self.request.database)
        return TransformResult(nodes, time.monotonic() - started)

    def _selection(self) -> Sequence[str]:
        if not self.request.select:
            return ()
        # A test that also reads models which were neither selected nor needed would fail where
        # they have never been built.
        indirect = ("--indirect-selection", "buildable")
        return ("--select", *self.request.select.split(), *indirect)

    def _count(self, selection: Sequence[str], *, all_nodes: bool = True) -> int:
        """How many nodes will be built; dbt's own events count some several times."""
        if not selection and self._manifest is not None:
            nodes = [*self._manifest.nodes.values(), *self._manifest.unit_tests.values()]
            return sum(
                str(node.resource_type) in self.request.kinds
                and (all_nodes or not _is_left_to_a_full_test(node))
                for node in nodes
            )
        kinds = (f"--resource-type={kind}" for kind in self.request.kinds)
        unknown: list[str] = []

        def on_event(event: Any) -> None:  # noqa: ANN401 - dbt's events are generated classes
            if event.info.name == _NOTHING_SELECTED:
                unknown.append(event.data.spec_raw)

        outcome = _invoke(
            self.request,
            "list",
            *selection,
            *kinds,
            manifest=self._manifest,
            on_event=on_event,
        )
        _raise_interrupt(outcome)
        found = outcome.result if isinstance(outcome.result, list) else []
        # dbt is content with nothing, and with a part of it, which a typing error makes.
        if selection and (unknown or not found):
            raise SelectionError(self._unknown(unknown))
        return len(found)

    def _unknown(self, parts: Sequence[str]) -> str:
        """What is wrong with a selection of which some parts select nothing."""
        names = [node.name for node in self._manifest.nodes.values()] if self._manifest else []
        hints = []
        for part in (part.strip("+@") for part in parts):
            near = difflib.get_close_matches(part, names, n=1)
            hints.append(f"{part} (did you mean {near[0]}?)" if near else part)
        which = f": {', '.join(hints)}" if hints else ""
        return (
            f"--select {self.request.select!r} names no model or test{which}. Give names such "
            "as +mart_executive_dashboard (it and what it needs), or leave --select out."
        )

    def _prepare(self) -> None:
        try:
            self._manifest = parse(self.request)
            if self.request.target == DUCKDB:
                # Readers ask for metrics by these definitions, and wait for no other reading.
                keep_definitions(
                    self._manifest, self.request.cache_dir.parent, self.request.project_dir
                )
        except BaseException as error:  # noqa: BLE001 - raised again by build()
            self._error = error


def _is_left_to_a_full_test(node: Any) -> bool:  # noqa: ANN401 - one of dbt's many classes of nodes
    return _WEEKLY in node.tags or Path(node.original_file_path).parts[0] == _SEEDS


def parse(request: TransformRequest) -> Manifest:
    """Read the project; with a spoiled cache, read it again without."""
    reasons: list[str] = []

    def on_event(event: Any) -> None:  # noqa: ANN401 - dbt's events are generated classes
        # Of metrics that contradict each other, the exception says only that there are some.
        if event.info.name == _METRIC_REFUSED and event.info.level == "error":
            reasons.append(event.data.msg)

    parsed_dir = _parsed_dir(request)
    outcome = _invoke(request, "parse", target_dir=parsed_dir, on_event=on_event)
    if not outcome.success and parsed_dir.exists():
        _raise_interrupt(outcome)
        logger.info("The project could not be read with the cache; reading it without.")
        shutil.rmtree(parsed_dir, ignore_errors=True)
        reasons.clear()
        outcome = _invoke(request, "parse", target_dir=parsed_dir, on_event=on_event)
    if not outcome.success:
        _raise_interrupt(outcome)
        refused = _dbt_refused(outcome, "read the project")
        raise TransformError("\n".join([refused, *dict.fromkeys(reasons)]))
    manifest: Manifest = outcome.result  # type: ignore[assignment]
    return manifest


def _parsed_dir(request: TransformRequest) -> Path:
    """Where dbt keeps what it has read of the project, and compares the files with next time.

    In the project's own target directory, as is dbt's default: the first run of a new warehouse
    directory need not read again what a run of another has read. In the cache of the warehouse
    where the project cannot be written to.
    """
    shared = request.project_dir / "target" / request.target
    there = next(path for path in (shared, *shared.parents) if path.exists())
    return shared if os.access(there, os.W_OK) else request.cache_dir / "target"


def _invoke(
    request: TransformRequest,
    command: str,
    *flags: str,
    target_dir: Path | None = None,
    manifest: Manifest | None = None,
    on_event: Callable[[Any], None] | None = None,
) -> dbtRunnerResult:
    """Call dbt; ``on_event`` gets each of its events. ``target_dir`` is for what it writes."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds; see the module

    arguments = [
        # Our console shows progress and our log keeps it: dbt writes neither, nor results.
        *("--log-level", "none", "--log-level-file", "none", "--no-print", "--no-write-json"),
        *("--log-path", str(request.cache_dir / "logs")),
        *("--no-use-colors", "--no-version-check", "--no-send-anonymous-usage-stats"),
        command,
        *("--project-dir", str(request.project_dir)),
        *("--profiles-dir", str(request.project_dir), "--target", request.target),
        *("--target-path", str(target_dir or request.cache_dir / "target")),
        *flags,
    ]
    callbacks = [on_event] if on_event is not None else []
    with _environment(request):
        return dbtRunner(manifest=manifest, callbacks=callbacks).invoke(arguments)


@contextlib.contextmanager
def _environment(request: TransformRequest) -> Iterator[None]:
    """The variables that the project's profiles.yml and dbt_project.yml read."""
    wanted = {"OLIST_DBT_DATABASE": str(request.database), **request.environment}
    if request.memory_limit is not None:
        wanted["OLIST_DBT_MEMORY_LIMIT"] = request.memory_limit
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Tally:
    """Counts the nodes that dbt reports; dbt calls it from several threads."""

    def __init__(self, on_node: Callable[[NodeProgress], None] | None, total: int) -> None:
        self._on_node = on_node
        self._lock = threading.Lock()
        self._total = total
        self._done = 0

    def __call__(self, event: Any) -> None:  # noqa: ANN401 - dbt's events are generated classes
        if event.info.name == _NODE_FINISHED and event.data.node_info.resource_type in KINDS:
            self._report(event)

    def _report(self, event: Any) -> None:  # noqa: ANN401
        node = event.data.node_info
        with self._lock:
            self._done += 1
            progress = NodeProgress(
                index=self._done,
                total=max(self._total, self._done),
                name=node.node_name,
                kind=node.resource_type,
                status=STATUS.get(node.node_status, "skipped"),
                seconds=event.data.run_result.execution_time,
            )
            if self._on_node is not None:
                self._on_node(progress)


def _dbt_refused(outcome: dbtRunnerResult, what: str) -> str:
    reason = tidy(str(outcome.exception)) if outcome.exception else "It gave no reason."
    return f"dbt could not {what}: {reason}"


def _raise_interrupt(outcome: dbtRunnerResult) -> None:
    """Raise the Ctrl-C that dbt hands back as a result."""
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception


@contextlib.contextmanager
def _interrupted_for_good() -> Iterator[None]:
    """Interrupt what dbt executes until it has ended, once the command is asked to stop.

    dbt does so once, and then waits: a thread that is between two statements at that moment
    would go on, to the end of its model.
    """
    from dbt.adapters.factory import FACTORY  # noqa: PLC0415 - takes seconds, as dbt
    from dbt.adapters.sql.impl import SQLAdapter  # noqa: PLC0415

    over = threading.Event()

    def watch() -> None:
        while not over.wait(_SECONDS_BETWEEN_INTERRUPTS):
            if is_asked_to_stop():
                for adapter in list(FACTORY.adapters.values()):
                    if isinstance(adapter, SQLAdapter):
                        with contextlib.suppress(Exception):  # what has ended needs none
                            adapter.cancel_open_connections()  # type: ignore[no-untyped-call]

    thread = threading.Thread(target=watch, name="interrupts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def close_database() -> None:
    """Free the file, which dbt would keep open, and so locked, until the process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415

    environment = DuckDBConnectionManager._ENV  # it has no public way
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
