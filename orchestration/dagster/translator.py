"""How a dbt node looks in Dagster: its key, group, owner, kinds, description, freshness.

Keys are ``schema/name``, so that a raw table has one key whether it is met as what the load
writes or as what a model reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

if TYPE_CHECKING:
    from dagster_dbt import DbtProject

# Loads, builds, and whatever no team of the business has taken on.
ENGINEERING = "team:data-engineering"

FRESH_HOURS = 24
FRESH = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=FRESH_HOURS), warn_window=timedelta(hours=FRESH_HOURS - 2)
)

_LAYERS = ("raw", "ops", "staging", "intermediate", "history", "core", "predictive", "marts")

Props = Mapping[str, Any]


class OlistTranslator(DagsterDbtTranslator):
    """The assets of this project; what is not said here is as dagster-dbt has it."""

    def get_asset_key(self, dbt_resource_props: Props) -> dg.AssetKey:
        """The schema and the name."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Props) -> str:
        """The layer; the domain of the business is a tag."""
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Props) -> str:
        """The project's own words, without the SQL below them."""
        return str(dbt_resource_props.get("description") or "").strip()

    def get_owners(self, dbt_resource_props: Props) -> Sequence[str]:
        """The owner of the node's group, or the engineers."""
        return super().get_owners(dbt_resource_props) or [ENGINEERING]

    def get_tags(self, dbt_resource_props: Props) -> Mapping[str, str]:
        """Dbt's tags and the domain."""
        tags = dict(super().get_tags(dbt_resource_props))
        domain = (dbt_resource_props.get("config") or {}).get("group")
        return tags | ({"domain": str(domain)} if domain else {})

    def get_asset_spec(
        self, manifest: Props, unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Add how it is kept, and that marts are to be of today."""
        props = self.get_resource_props(manifest, unique_id)
        spec = super().get_asset_spec(manifest, unique_id, project)
        kept = str((props.get("config") or {}).get("materialized") or "table")
        spec = spec.replace_attributes(kinds={"dbt", "duckdb", kept})
        if props["schema"] == "marts":
            spec = spec.replace_attributes(freshness_policy=FRESH)
        return spec

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Props,
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Each test as a check; one that reads several models belongs to the last of them."""
        test = self.get_resource_props(manifest, unique_id)
        parents: list[str] = test["depends_on"]["nodes"]
        keys = [self.get_asset_spec(manifest, parent, project).key for parent in parents]
        attached = test.get("attached_node")
        if attached:
            own = self.get_asset_spec(manifest, attached, project).key
        else:
            own = max(keys, key=_depth)
        if own != asset_spec.key:
            return None
        return dg.AssetCheckSpec(
            name=test["name"],
            asset=own,
            description=_words(test),
            additional_deps=sorted(set(keys) - {own}),
            metadata={"dagster_dbt/unique_id": unique_id},
            blocking=str(test["config"].get("severity") or "error").lower() == "error",
        )


def _words(test: Props) -> str | None:
    """What a test is for: its description, or the comment that its SQL begins with."""
    if test.get("description"):
        return str(test["description"]).strip()
    lines = takewhile(
        lambda line: line.startswith("--"), str(test.get("raw_code") or "").strip().splitlines()
    )
    return " ".join(line.removeprefix("--").strip() for line in lines) or None


def _depth(key: dg.AssetKey) -> tuple[int, Sequence[str]]:
    return _LAYERS.index(key.path[0]), key.path
