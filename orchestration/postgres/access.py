"""Who may read what: the four groups, their grants, and row-level security from a policy file.

Statements are made here and run before a version is served, in the schemas it is built in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.errors import PostgresError, SettingsError
from orchestration.postgres.server import Connection, rows, run
from orchestration.warehouse.table_content import literal, quoted

# What a role can be restricted to, and by which column of a table: the first that it has. Names
# are compared with the policy; keys, in schema core, are looked up in the table named here,
# whose rows are restricted likewise.
_BY_NAME = {
    "states": ("customer_state", "state", "seller_state"),
    "sellers": ("seller_id",),
    "categories": ("category_name_english",),
}
_BY_KEY = {
    "states": (("geography_key", "dim_geography"), ("order_key", "fact_orders")),
    "sellers": (("seller_key", "dim_seller"),),
    "categories": (("category_key", "dim_category"),),
}
# Where the values stand that a policy may name.
_VALUES = {
    "states": ("state", "core.dim_geography"),
    "sellers": ("seller_id", "core.dim_seller"),
    "categories": ("category_name_english", "core.dim_category"),
}


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of the four groups, none of which can log in.

    Attributes:
        loader: Brings raw data; what is served is closed to it.
        transformer: Builds and publishes: owns all that is served.
        analyst: Reads what is served.
        admin: May what the others may, and makes people members of them.
    """

    loader: str
    transformer: str
    analyst: str
    admin: str

    @classmethod
    def with_prefix(cls, prefix: str) -> Roles:
        """The groups of a warehouse, of which a server may have several."""
        return cls(*(prefix + name for name in ("loader", "transformer", "analyst", "admin")))

    def all(self) -> tuple[str, ...]:
        """All four."""
        return (self.loader, self.transformer, self.analyst, self.admin)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A role of the server that sees only rows of some states, sellers, categories."""

    role: str
    values: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Access:
    """All that decides who may read what."""

    roles: Roles
    restrictions: Sequence[Restriction] = ()

    def of_schema(self, schema: str) -> list[str]:
        """Statements that open a schema and its tables to readers."""
        readers = ", ".join(map(quoted, (self.roles.analyst, self.roles.admin)))
        return [
            f"grant select on all tables in schema {quoted(schema)} to {readers}",
            f"grant usage on schema {quoted(schema)} to {readers}",
        ]

    def of_table(self, schema: str, name: str, columns: Collection[str]) -> list[str]:
        """Statements that restrict a table's rows, for its owner too; none where nothing does.

        Args:
            schema: Where the table is.
            name: Its name.
            columns: Its columns.
        """
        target = f"{quoted(schema)}.{quoted(name)}"
        policies = [
            f"create policy {quoted('only_' + one.role)} on {target} as restrictive for select"
            f" to {quoted(one.role)} using ({condition})"
            for one in self.restrictions
            if (condition := _condition(one, schema, name, columns))
        ]
        if not policies:
            return []
        return [
            f"alter table {target} enable row level security, force row level security",
            f"create policy everyone on {target} for select using (true)",
            *policies,
        ]

    def unrestricted(self, table: str, columns: Collection[str]) -> list[str]:
        """The restricted roles that see all rows of a table, for want of a column."""
        schema, name = table.split(".")
        return [r.role for r in self.restrictions if not _condition(r, schema, name, columns)]


class _Visible(BaseModel):
    """What a role sees, as the policy file has it; no list restricts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    states: list[str] | None = Field(default=None, min_length=1)
    sellers: list[str] | None = Field(default=None, min_length=1)
    categories: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _says_something(self) -> _Visible:
        if not self.restricted():
            message = "names no states, sellers or categories"
            raise ValueError(message)
        return self

    def restricted(self) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(values) for name, values in self.model_dump(exclude_none=True).items()
        }


class _Policy(BaseModel):
    """The policy file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    roles: dict[str, _Visible]


def read_access(prefix: str, policy: Path | None) -> Access:
    """The groups, and what the policy file says.

    Args:
        prefix: Of the names of the groups.
        policy: The file; None restricts nobody.

    Raises:
        SettingsError: The file cannot be read or is not of its form.
    """
    roles = Roles.with_prefix(prefix)
    if policy is None:
        return Access(roles)
    try:
        content = _Policy.model_validate(yaml.safe_load(policy.read_text(encoding="utf-8")))
        if own := next((role for role in content.roles if role in roles.all()), None):
            message = f"{own} must see all rows"
            raise ValueError(message)
    except (OSError, ValueError, yaml.YAMLError) as error:
        message = (
            f"The policy {policy} cannot be used: {_problem(error)}. Its form is `roles:`, "
            "then for each role of the server one or more of "
            f"{', '.join(_VALUES)}, each a list of texts; see docs/operations/postgres.md."
        )
        raise SettingsError(message) from error
    return Access(
        roles,
        [Restriction(name, one.restricted()) for name, one in content.roles.items()],
    )


def check_values(
    source: duckdb.DuckDBPyConnection, restrictions: Iterable[Restriction]
) -> None:
    """Refuse a policy that names what the version does not have, such as a typing error.

    Raises:
        SettingsError: Names the value.
    """
    for one in restrictions:
        for subject, allowed in one.values.items():
            column, table = _VALUES[subject]
            rows_of = source.execute(f"select distinct {column} from {table}").fetchall()
            known = {value for (value,) in rows_of}
            if missing := [value for value in allowed if value not in known]:
                message = (
                    f"The policy lets {one.role} see {subject} {missing[0]!r}, but no row of "
                    f"{table} has that {column}. Correct the policy file."
                )
                raise SettingsError(message)


def check_roles(server: Connection, access: Access) -> None:
    """See that every role exists.

    Raises:
        PostgresError: Names those that are missing, and how to make them.
    """
    wanted = {*access.roles.all(), *(one.role for one in access.restrictions)}
    found = {name for (name,) in rows(server, "select rolname from pg_roles")}
    if missing := sorted(wanted - found):
        own = set(missing) & set(access.roles.all())
        advice = "`olist postgres roles`" if own else f"create role {quoted(missing[0])}"
        message = f"The server has no role {', '.join(missing)}. Make it: {advice}"
        raise PostgresError(message)


def make_roles(server: Connection, roles: Roles) -> list[str]:
    """Make the groups and their rights; what is there stays. Returns those that were made.

    Args:
        server: As a superuser, or as a role that may create roles and owns the database.
        roles: Their names.
    """
    found = {name for (name,) in rows(server, "select rolname from pg_roles")}
    made = [name for name in roles.all() if name not in found]
    database = quoted(str(server.info.dbname))
    loader, transformer, analyst, admin = map(quoted, roles.all())
    defaults = f"alter default privileges for role {transformer} grant select on tables to"
    with server.transaction():
        for name in made:
            run(server, f"create role {quoted(name)} nologin")
        for statement in (
            f"grant connect on database {database} to {', '.join(map(quoted, roles.all()))}",
            f"grant create on database {database} to {transformer}",
            f"grant {loader}, {transformer}, {analyst} to {admin} with admin option",
            f"grant {transformer} to current_user",
            f"{defaults} {analyst}, {admin}",
        ):
            run(server, statement)
    return made


def renew(server: Connection, access: Access, schema: str, name: str) -> None:
    """Give a table that was published earlier the access of today.

    Args:
        server: Within a transaction.
        access: Of today.
        schema: Where the table is.
        name: Its name.
    """
    target = f"{quoted(schema)}.{quoted(name)}"
    for (policy,) in rows(
        server,
        "select policyname from pg_policies where schemaname = %s and tablename = %s",
        *(schema, name),
    ):
        run(server, f"drop policy {quoted(policy)} on {target}")
    run(server, f"alter table {target} disable row level security, no force row level security")
    columns = rows(
        server,
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0",
        target,
    )
    for statement in access.of_table(schema, name, {column for (column,) in columns}):
        run(server, statement)


def _condition(one: Restriction, schema: str, name: str, columns: Collection[str]) -> str:
    parts = []
    for subject, allowed in one.values.items():
        by_name = next((column for column in _BY_NAME[subject] if column in columns), None)
        by_key = next(((c, t) for c, t in _BY_KEY[subject] if c in columns and t != name), None)
        if by_name:
            values = ", ".join(map(literal, allowed))
            parts.append(f"{quoted(by_name)} in ({values})")
        elif by_key and schema.startswith("core"):
            key, table = map(quoted, by_key)
            parts.append(f"{key} in (select {key} from {quoted(schema)}.{table})")
    return " and ".join(parts)


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = " of ".join(str(part) for part in reversed(first["loc"])) or "the file"
        return f"{where}: {first['msg']}"
    return " ".join(str(error).split())
