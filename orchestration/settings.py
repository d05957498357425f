"""Every setting of the warehouse, in one class, and the paths that follow from them.

Settings come from arguments, then from the environment (prefix ``OLIST_``), then from ``.env``
at the root of the project, then from the defaults below. Only entry points read them: all else
is handed what it needs. ``.env.example`` explains each one to the user.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from extract.paths import expanded
from extract.sources import is_store
from orchestration.errors import SettingsError
from orchestration.setting_names import PREFIX, check_env_file, check_environment
from orchestration.setting_paths import as_meant, from_here, no_address

PROJECT_ROOT = Path(__file__).resolve().parents[1]
ENV_FILE = PROJECT_ROOT / ".env"
ENV_PREFIX = PREFIX

# Sources that are words and not paths.
SOURCE_WORDS = ("kaggle", "synthetic", "store")

# The kind, three costs, the salt and the hash, as dashboards.lib.password writes them.
PASSWORD_HASH = re.compile(r"scrypt:\d{1,8}:\d{1,3}:\d{1,3}:[\w-]{16,}:[\w-]{32,}")

_ADDRESS = r"^[^@\s,<>]+@[^@\s,<>]+$"
_ADDRESSES = r"^[^@\s,<>]+@[^@\s,<>]+(\s*,\s*[^@\s,<>]+@[^@\s,<>]+)*$"

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
WebhookFormat = Literal["auto", "slack", "teams"]


def _allowed(text: str) -> dict[str, Any]:
    return {"allowed": text}


def _count(default: int) -> Any:  # noqa: ANN401 - as Field
    return Field(default=default, ge=1, json_schema_extra=_allowed("a whole number, 1 or more"))


def _duration(default: float | None, unit: str) -> Any:  # noqa: ANN401 - as Field
    allowed = _allowed(f"a number of {unit} above 0")
    return Field(default=default, gt=0, allow_inf_nan=False, json_schema_extra=allowed)


class Settings(BaseSettings):
    """Settings of one machine. Build them with :func:`load_settings`.

    Attributes:
        warehouse_dir: Holds the published file, its versions and the runs' logs.
        raw_dir: Where the nine files, or their zip, are looked for when no source is named.
        source: A directory, a zip, ``kaggle``, ``synthetic``, ``store``, the address of a
            shop, or None to look in ``raw_dir``.
        store_url: The shop's PostgreSQL, which the source ``store`` reads; a secret.
        scale: Size of the synthetic data; 1 is as large as the real one.
        seed: Seed of the synthetic data.
        keep_versions: Published versions that are kept, the current one included.
        backup_dir: Where backups are written; None stands for ``backups`` in the warehouse.
        keep_backups: Backups that are kept.
        backup_key_file: The key that signs backups; None stands for one in the home directory.
        backup_max_age_hours: Age from which the newest backup is too old, hours; None: backups
            are not watched.
        export_dir: Where tables are exported to; None stands for ``exports`` in the warehouse.
        engine: Where runs build the models: in a DuckDB file, or in the database of
            ``postgres_url``.
        postgres_url: The database that each run also publishes to; None publishes to none.
        postgres_policy_file: Which roles of that database see which rows; None restricts none.
        postgres_role_prefix: What the names of the four groups of that server begin with.
        dbt_project_dir: The dbt project that runs build.
        export_on_publish: Whether each run exports what it has published.
        keep_runs: Run directories (log and summary) that are kept.
        max_quarantined_share: Share of a table's rows that may be unusable before a run fails;
            lines that cannot be read count, too.
        max_run_minutes: A run that takes longer is too slow, minutes.
        quality_gates: Whether a run is stopped by data that cannot be right as a whole.
        threads: Models that dbt builds at the same time.
        memory_limit: Memory DuckDB may use, or None for its own default (80 % of the machine).
        log_level: Least severity that is written to a run's log.
        dashboards_port: Port the dashboards are served on; 0 takes a free one.
        dashboards_host: Address the dashboards are served on; others than this machine's own
            need a password.
        dashboards_user: Name that is asked for together with the password.
        dashboards_password_hash: What ``olist serve hash-password`` printed; None asks
            for no password.
        dashboards_public_url: The addresses that readers type where a proxy is in between.
        dashboards_trusted_proxies: Addresses of proxies whose ``X-Forwarded-*`` are believed.
        dashboards_max_sessions: Pages that are open at the same time.
        dashboards_fresh_hours: Age from which the published version counts as stale, hours.
        missed_after_minutes: Minutes after the scheduled time until a run must have published.
        alert_webhook_url: Where alerts are posted; a secret, since anyone who has it can post.
        alert_webhook_format: The form they are posted in; auto looks at the host.
        alert_email_to: Addresses that alerts are mailed to, separated by commas.
        alert_email_from: Address they are mailed from; None makes one of this machine's name.
        smtp_host: The mail server.
        smtp_port: Its port; 465 speaks TLS from the start.
        smtp_user: Name to log in with; None logs in nowhere.
        smtp_password: Password to log in with.
        smtp_starttls: Whether the connection is encrypted before anything is said.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",  # some editors begin a file with a mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        # What is wrong may be a secret: it must not stand in a traceback.
        hide_input_in_errors=True,
    )

    warehouse_dir: Path = Field(
        default=PROJECT_ROOT / "data" / "warehouse", json_schema_extra=_allowed("a directory")
    )
    raw_dir: Path = Field(
        default=PROJECT_ROOT / "data" / "raw", json_schema_extra=_allowed("a directory")
    )
    source: str | None = Field(
        default=None,
        json_schema_extra=_allowed(
            "a directory of CSVs, a zip, 'kaggle', 'synthetic', 'store' or postgresql://..."
        ),
    )
    store_url: SecretStr | None = Field(
        default=None,
        json_schema_extra=_allowed("postgresql://user:password@host:port/database"),
    )
    scale: float = Field(
        default=1.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        json_schema_extra=_allowed("a number above 0, at most 1000"),
    )
    seed: int = Field(
        default=42,
        ge=0,
        le=2**31 - 1,
        json_schema_extra=_allowed("a whole number from 0 to 2147483647"),
    )
    keep_versions: int = _count(5)
    backup_dir: Path | None = Field(
        default=None, json_schema_extra=_allowed("a directory of its own for backups")
    )
    backup_key_file: Path | None = Field(
        default=None, json_schema_extra=_allowed("a file outside of the backups")
    )
    backup_max_age_hours: float | None = _duration(None, "hours")
    export_dir: Path | None = Field(
        default=None, json_schema_extra=_allowed("a directory of its own for exports")
    )
    dbt_project_dir: Path = Field(
        default=PROJECT_ROOT / "olist_dw_dbt",
        json_schema_extra=_allowed("the directory of a dbt project"),
    )
    engine: Literal["duckdb", "postgres"] = Field(
        default="duckdb", json_schema_extra=_allowed("duckdb or postgres")
    )
    postgres_url: SecretStr | None = Field(
        default=None,
        json_schema_extra=_allowed("postgresql://user@host:port/database"),
    )
    postgres_policy_file: Path | None = Field(
        default=None, json_schema_extra=_allowed("a YAML file of roles")
    )
    postgres_role_prefix: str = Field(
        default="olist_",
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        json_schema_extra=_allowed("lower case letters, digits and _, such as olist_"),
    )
    export_on_publish: bool = Field(default=False, json_schema_extra=_allowed("true or false"))
    keep_backups: int = _count(7)
    keep_runs: int = _count(50)
    max_quarantined_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        allow_inf_nan=False,
        json_schema_extra=_allowed("a share from 0 to 1, such as 0.05"),
    )
    max_run_minutes: float = _duration(30.0, "minutes")
    quality_gates: bool = Field(default=True, json_schema_extra=_allowed("true or false"))
    threads: int = Field(
        default=2, ge=1, le=64, json_schema_extra=_allowed("a whole number from 1 to 64")
    )
    memory_limit: str | None = Field(
        default=None, json_schema_extra=_allowed("an amount as DuckDB writes it, such as 4GB")
    )
    log_level: LogLevel = Field(
        default="INFO", json_schema_extra=_allowed("DEBUG, INFO, WARNING or ERROR")
    )
    dashboards_port: int = Field(
        default=8050, ge=0, le=65535, json_schema_extra=_allowed("a port from 0 to 65535")
    )
    dashboards_host: str = Field(
        default="127.0.0.1",
        pattern=r"^[\w.:%-]+$",
        json_schema_extra=_allowed("the address of a network interface, or a name of one"),
    )
    dashboards_user: str = Field(
        default="olist",
        pattern=r"^[^:\s]+$",
        json_schema_extra=_allowed("a name without spaces and colons"),
    )
    dashboards_password_hash: SecretStr | None = Field(
        default=None,
        json_schema_extra=_allowed("the line that `olist serve hash-password` prints"),
    )
    dashboards_public_url: str | None = None
    dashboards_trusted_proxies: str | None = None
    dashboards_max_sessions: int = Field(
        default=100, ge=1, le=1000, json_schema_extra=_allowed("a whole number from 1 to 1000")
    )
    dashboards_fresh_hours: float = _duration(24.0, "hours")
    missed_after_minutes: float = Field(
        default=60.0,
        ge=0,
        lt=24 * 60,
        allow_inf_nan=False,
        json_schema_extra=_allowed("a number of minutes, 0 or more and less than a day"),
    )
    alert_webhook_url: SecretStr | None = Field(
        default=None,
        json_schema_extra=_allowed("an address that starts with https:// or http://"),
    )
    alert_webhook_format: WebhookFormat = Field(
        default="auto", json_schema_extra=_allowed("auto, slack or teams")
    )
    alert_email_to: str | None = Field(
        default=None,
        pattern=_ADDRESSES,
        json_schema_extra=_allowed("one e-mail address, or several separated by commas"),
    )
    alert_email_from: str | None = Field(
        default=None, pattern=_ADDRESS, json_schema_extra=_allowed("an e-mail address")
    )
    smtp_host: str | None = Field(
        default=None,
        pattern=r"^[\w.:-]+$",
        json_schema_extra=_allowed("the name or the address of a mail server"),
    )
    smtp_port: int = Field(
        default=587, ge=1, le=65535, json_schema_extra=_allowed("a port from 1 to 65535")
    )
    smtp_user: str | None = Field(
        default=None, json_schema_extra=_allowed("the name to log in with")
    )
    smtp_password: SecretStr | None = Field(
        default=None, json_schema_extra=_allowed("the password to log in with")
    )
    smtp_starttls: bool = Field(default=True, json_schema_extra=_allowed("true or false"))

    @field_validator(
        *("warehouse_dir", "raw_dir", "backup_dir", "backup_key_file", "export_dir"),
        *("dbt_project_dir", "postgres_policy_file"),
    )
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        """Paths count from the root of the project, wherever the command is started."""
        return value and PROJECT_ROOT / expanded(as_meant(str(value)))

    @field_validator("source")
    @classmethod
    def _absolute_source(cls, value: str | None) -> str | None:
        if value is None or value in SOURCE_WORDS or is_store(value):
            return value
        return str(PROJECT_ROOT / expanded(no_address(as_meant(value))))

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("memory_limit")
    @classmethod
    def _amount(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(
            r"[1-9]\d*\s*[KMGT]i?B", value, re.IGNORECASE
        ):
            message = "not an amount of memory"
            raise ValueError(message)
        return value

    @field_validator("dashboards_password_hash")
    @classmethod
    def _hashed(cls, value: SecretStr | None) -> SecretStr | None:
        """A password as it is typed must not stand here: it could never be checked."""
        if value is not None and not PASSWORD_HASH.fullmatch(value.get_secret_value()):
            message = "not a hash"
            raise ValueError(message)
        return value

    @field_validator("store_url")
    @classmethod
    def _store_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_store(value.get_secret_value()):
            message = "not an address of PostgreSQL"
            raise ValueError(message)
        return value

    @field_validator("alert_webhook_url")
    @classmethod
    def _web_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(
            r"https?://[^\s/?#@]+(?:[/?]\S*)?", value.get_secret_value()
        ):
            message = "not a web address"
            raise ValueError(message)
        return value

    @field_validator("postgres_url")
    @classmethod
    def _address_of_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(
            r"postgres(?:ql)?://\S+$", value.get_secret_value()
        ):
            message = "not an address of PostgreSQL"
            raise ValueError(message)
        return value

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never stand in a message or a log."""
        values = (getattr(self, name) for name in type(self).model_fields)
        found = [v.get_secret_value() for v in values if isinstance(v, SecretStr)]
        addresses = (self.source, self.store_url and self.store_url.get_secret_value())
        passwords = (urlsplit(one).password for one in addresses if one and is_store(one))
        return (*found, *(unquote(one) for one in passwords if one))

    @property
    def published_path(self) -> Path:
        """The file that readers open: a link to the current version."""
        return self.warehouse_dir / "olist.duckdb"

    @property
    def versions_dir(self) -> Path:
        """The published versions, one directory each."""
        return self.warehouse_dir / "versions"

    @property
    def build_dir(self) -> Path:
        """Where a run builds; empty between runs."""
        return self.warehouse_dir / ".olist-build"

    @property
    def dev_path(self) -> Path:
        """The development copy that dbt by hand works on."""
        return self.warehouse_dir / "dev" / "olist.duckdb"

    @property
    def runs_dir(self) -> Path:
        """One directory a run: its log and its summary."""
        return self.warehouse_dir / "runs"

    @property
    def backups_dir(self) -> Path:
        """The backups, one directory each."""
        return self.backup_dir or self.warehouse_dir / "backups"

    @property
    def exports_dir(self) -> Path:
        """The exported tables; ``latest`` in it leads to the newest."""
        return self.export_dir or self.warehouse_dir / "exports"

    @property
    def signing_key(self) -> Path:
        """The key that signs backups: not beside them, and not in the warehouse."""
        if self.backup_key_file is not None:
            return self.backup_key_file
        config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        return Path(config) / "olist-dw" / "backup.key"

    @property
    def cache_dir(self) -> Path:
        """What may be deleted at any time: dbt's parsed project and compiled SQL."""
        return self.warehouse_dir / "cache"

    @property
    def models_dir(self) -> Path:
        """Fitted models and their backtests; what is missing is made again."""
        return self.warehouse_dir / "models"

    @property
    def catalog_path(self) -> Path:
        """The data catalogue, one page that `make docs` writes."""
        return self.warehouse_dir / "catalog" / "index.html"


def load_settings(env_file: Path | None = ENV_FILE, **arguments: object) -> Settings:
    """Read the settings; arguments win over the environment, which wins over ``env_file``.

    Args:
        env_file: The .env file; None reads none.
        **arguments: Values of the command line; None means not given.

    Raises:
        SettingsError: A value is not allowed, or a name is set that is no setting.
    """
    given = {
        name: _from_here(name, value) if name in _PATHS else value
        for name, value in arguments.items()
        if value is not None
    }
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    check_environment(os.environ, known)
    if env_file is not None:
        check_env_file(env_file, known)
    try:
        return Settings(_env_file=env_file, **given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(_explain(error, given)) from error


_PATHS = (
    *("warehouse_dir", "raw_dir", "backup_dir", "backup_key_file", "export_dir", "source"),
    *("dbt_project_dir", "postgres_policy_file"),
)


def _from_here(name: str, value: object) -> object:
    if name != "source":
        return from_here(str(value), _option(name))
    text = str(value)
    if text in SOURCE_WORDS or is_store(text):
        return text
    try:
        return str(from_here(no_address(text), "--source"))
    except ValueError as error:
        message = f"--source is {text!r}, but {error}."
        raise SettingsError(message) from error


def _option(field: str) -> str:
    if field == "postgres_url":
        return "--to"
    return f"--{field.removesuffix('_dir').replace('_', '-')}"


def _explain(error: ValidationError, given: dict[str, object]) -> str:
    sentences = []
    for problem in error.errors():
        field = str(problem["loc"][0])
        variable = ENV_PREFIX + field.upper()
        extra = Settings.model_fields[field].json_schema_extra
        allowed = extra["allowed"] if isinstance(extra, dict) else problem["msg"]
        if field in given:
            where, found = _option(field), given[field]
        else:
            where, found = variable, problem["input"]
        # A secret is not repeated: the message may end in a log.
        is_secret = "SecretStr" in str(Settings.model_fields[field].annotation)
        shown = "set to something else" if is_secret else repr(str(found))
        reason = problem.get("ctx", {}).get("error") if field in _PATHS else None
        sentences.append(f"{where} is {shown}, but {reason or f'must be {allowed}'}.")
    return " ".join(sentences) + " Correct it; .env.example explains every setting."
