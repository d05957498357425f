"""A backup of unknown origin: whose signature it has, and what its SQL may do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.cli import main as olist
from orchestration.errors import BackupError, WarehouseError
from orchestration.settings import Settings
from orchestration.warehouse.backup import BackupDirectory, read_backup
from orchestration.warehouse.restore import restore
from orchestration.warehouse.store import Warehouse
from tests.support import tiny

RUN = tiny.numbered_run(1)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "backup.key"


@pytest.fixture
def backup(tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed backup of a tiny warehouse."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    monkeypatch.setenv("OLIST_BACKUP_KEY_FILE", str(key))
    version = tiny.publish(Warehouse(tmp_path / "dw"), RUN, 1)
    return BackupDirectory(tmp_path / "backups", key_file=key).write(version).path


@pytest.fixture
def run(
    tmp_path: Path, backup: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Restore the backup on an empty machine; gives the exit code and what was said."""

    def restored(*arguments: str) -> tuple[int, str]:
        place = ["--from", str(backup), "--warehouse", str(tmp_path / "elsewhere")]
        code = olist(["restore", *place, *arguments])
        out, err = capsys.readouterr()
        return code, out + err

    return restored


def _rewrite(backup: Path, name: str, text: str) -> None:
    """Change a file and the checksums beside it, as someone who means harm would."""
    (backup / name).write_text(text, encoding="utf-8")
    path = backup / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for script in manifest["scripts"]:
        content = (backup / script["name"]).read_bytes()
        script |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    _write_manifest(backup, manifest)


def _write_manifest(backup: Path, manifest: dict[str, Any]) -> None:
    path = backup / "manifest.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    (backup / "manifest.json.sha256").write_text(f"{checksum}  manifest.json\n")


def test_the_key_is_made_once_for_its_account_alone(backup: Path, key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    assert (backup / "manifest.json.hmac").is_file()


def test_a_backup_with_the_signature_of_this_key_is_restored(
    run: Callable[..., tuple[int, str]],
) -> None:
    code, text = run()
    assert code == 0, text
    assert "signature  of this key" in text


def test_a_changed_backup_with_fitting_checksums_is_refused(
    run: Callable[..., tuple[int, str]], backup: Path
) -> None:
    schema = (backup / "schema.sql").read_text(encoding="utf-8")
    _rewrite(backup, "schema.sql", schema + 'create schema if not exists "more";\n')
    read_backup(backup)
    code, text = run()
    assert code == 2
    assert "was not signed with the key" in text
    assert run("--check")[0] == 2


def test_without_key_or_signature_a_restore_must_be_asked_for_in_so_many_words(
    run: Callable[..., tuple[int, str]], backup: Path, key: Path
) -> None:
    key.rename(key.with_suffix(".elsewhere"))
    code, text = run()
    assert code == 2
    assert "the key is not here" in text
    assert "--unsigned" in text
    assert not key.exists(), "a restore makes no key"
    (backup / "manifest.json.hmac").unlink()
    code, text = run()
    assert code == 2
    assert "has no signature" in text
    code, text = run("--unsigned")
    assert code == 0, text


def test_a_key_among_the_backups_is_refused(tmp_path: Path) -> None:
    version = tiny.publish(Warehouse(tmp_path / "dw"), RUN, 1)
    backups = BackupDirectory(tmp_path / "b", key_file=tmp_path / "b" / "backup.key")
    with pytest.raises(WarehouseError, match="lies among the backups"):
        backups.write(version)
    assert backups.paths() == []


_HARMFUL = {
    "copies a file out": "copy (select 1) to '{out}';",
    "attaches another file": "attach '{out}' as other;",
    "loads an extension": "install httpfs;",
    "sets an option": "set enable_external_access = true;",
    "changes rows": "insert into core.a values (9);",
    "drops a table": "drop table core.a;",
    "makes a macro": "create macro core.m() as 1;",
    "makes a temporary view": "create temp view core.v as select 1 as a;",
    "replaces a table": "create or replace table core.a as select 1 as value;",
    "hides behind a comment": "/* create table */ pragma database_list;",
    "stands behind another": "comment on table core.a is 'x'; call pragma_version();",
    "leads out of the directory": 'create table core."../../x" (a integer);',
}


@pytest.mark.parametrize("sql", _HARMFUL.values(), ids=_HARMFUL.keys())
@pytest.mark.parametrize("script", ["schema.sql", "views.sql"])
def test_sql_of_other_kinds_is_refused_though_it_was_asked_for_unsigned(
    run: Callable[..., tuple[int, str]], backup: Path, tmp_path: Path, sql: str, script: str
) -> None:
    text = (backup / script).read_text(encoding="utf-8")
    _rewrite(backup, script, text + sql.format(out=tmp_path / "out"))
    code, said = run("--unsigned")
    assert code == 2, said
    assert "holds a statement that no backup has" in said
    assert not (tmp_path / "out").exists()
    assert Warehouse(tmp_path / "elsewhere").current_version() is None


@pytest.mark.parametrize(
    "sql",
    [
        "create view core.v as select * from read_csv('{secret}');",
        "create view core.v as select * from read_text('{secret}');",
        "create view core.v as select * from '{secret}';",
        "create view core.v as select * from read_parquet('{backup}/core.a.parquet');",
    ],
)
def test_a_view_that_reads_files_is_not_restored(
    run: Callable[..., tuple[int, str]], backup: Path, tmp_path: Path, sql: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n", encoding="utf-8")
    _rewrite(backup, "views.sql", sql.format(secret=secret, backup=backup))
    code, said = run("--unsigned")
    assert code == 2, said
    assert "cannot be run" in said


def test_a_run_id_that_leads_out_of_the_warehouse_is_refused(
    backup: Path, tmp_path: Path
) -> None:
    manifest = json.loads((backup / "manifest.json").read_text(encoding="utf-8"))
    manifest["info"]["run_id"] = "../../outside"
    _write_manifest(backup, manifest)
    warehouse = Warehouse(tmp_path / "elsewhere")
    with pytest.raises(BackupError, match="no id of a run"), warehouse.lock(RUN):
        restore(read_backup(backup), warehouse)
