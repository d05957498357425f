"""What the data calls a category, a status or a segment is shown as people write it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from dashboards.lib import format as fmt
from dashboards.lib.explore.data import load_outline
from orchestration.settings import PROJECT_ROOT, load_settings

NAMES = yaml.safe_load(
    (PROJECT_ROOT / "dashboards" / "lib" / "display_names.yml").read_text(encoding="utf-8")
)
# Columns of core and marts whose values are words of the data, not keys, ids, codes or days.
ENDINGS = ("_status", "_type", "_segment", "_tier", "_tier_12m", "_stage", "_cause")
WHOLE = {"category", "favourite_category", "first_category", "main_category", "sentiment"}
WHOLE |= {"category_name_english", "category_group"}
# Half of all sales are of these many cities; those of their names that carry an accent.
ACCENTS = {
    "sao paulo": "São Paulo",
    "brasilia": "Brasília",
    "niteroi": "Niterói",
    "santo andre": "Santo André",
    "goiania": "Goiânia",
    "sao jose dos campos": "São José dos Campos",
    "florianopolis": "Florianópolis",
    "carapicuiba": "Carapicuíba",
    "balneario camboriu": "Balneário Camboriú",
    "santa barbara d'oeste": "Santa Bárbara d'Oeste",
    "mogi-guacu": "Mogi-Guaçu",
}


def values_of(warehouse: Path) -> dict[str, set[str]]:
    """The values of each column that holds words, by its name."""
    found: dict[str, set[str]] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where schema_name in ('core', 'marts') and data_type = 'VARCHAR'"
        ).fetchall()
        for schema, table, column in columns:
            if column in WHOLE or column.endswith(ENDINGS):
                rows = connection.execute(
                    f"select distinct {column} from {schema}.{table} where {column} is not null"
                ).fetchall()
                found.setdefault(column, set()).update(value for (value,) in rows)
    return found


def raw(values: set[str]) -> list[str]:
    """Those that would be shown as a program writes them."""
    return [
        value
        for value in sorted(values)
        if "_" in (shown := fmt.name(value))
        or not shown[:1].isupper()
        or (shown.isupper() and shown not in {"VIP", "A", "B", "C"})
    ]


def test_no_value_of_a_column_of_words_is_shown_raw(built_warehouse: Path) -> None:
    found = values_of(built_warehouse)
    assert {name: raw(values) for name, values in found.items()} == {name: [] for name in found}


@pytest.mark.real_data
def test_every_category_status_payment_segment_and_tier_of_the_real_data_has_its_name(
    real_warehouse: Path,
) -> None:
    found = values_of(real_warehouse)
    assert {name: raw(values) for name, values in found.items()} == {key: [] for key in found}
    groups = found.pop("category_group")
    assert all(fmt.name(value) == value for value in groups)
    assert set().union(*found.values()) - set(NAMES["values"]) == set()
    for values in found.values():
        shown = [fmt.name(value) for value in values]
        assert len(set(shown)) == len(shown), "two values share a name"
    with duckdb.connect(str(real_warehouse), read_only=True) as connection:
        cities = {
            value
            for (value,) in connection.execute("select city from core.dim_customer").fetchall()
        }
    assert set(ACCENTS) <= cities
    assert {city: fmt.city(city) for city in ACCENTS} == ACCENTS


def test_explore_shows_each_value_by_its_name_and_asks_for_it_as_the_data_have_it(
    built_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLIST_WAREHOUSE_DIR", str(built_warehouse.parent))
    outline = load_outline(load_settings(), built_warehouse.resolve())
    assert load_outline(load_settings(), built_warehouse.resolve()) is outline, "read once"
    values = outline.values(("num_sales",), "main_payment_type")
    controls = outline.value_options(("num_sales",), "main_payment_type")
    assert controls["Credit card"] == "credit_card"
    assert sorted(controls.values()) == sorted(values)
