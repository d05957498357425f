"""The address of the shop: how it is given, and that its password is shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.errors import SourceError
from extract.sources import is_store
from orchestration.dagster.sensors import watched_path
from orchestration.errors import SettingsError
from orchestration.pipeline.default_source import choose_source
from orchestration.settings import load_settings
from orchestration.warehouse.store import Warehouse

URL = "postgresql://ana:s%40crt@db.example.org:5433/shop"


def test_the_source_store_is_the_shop_of_the_settings(tmp_path: Path) -> None:
    settings = load_settings(None, source="store", store_url=URL)
    assert choose_source(settings, Warehouse(tmp_path)) == URL
    assert "s%40crt" not in repr(settings)


def test_a_source_store_without_an_address_says_what_to_do(tmp_path: Path) -> None:
    settings = load_settings(None, source="store")
    with pytest.raises(SourceError, match="OLIST_STORE_URL"):
        choose_source(settings, Warehouse(tmp_path))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "POSTGRES"])
def test_an_address_may_stand_in_place_of_a_path(scheme: str) -> None:
    url = URL.replace("postgresql", scheme)
    assert is_store(url)
    assert load_settings(None, source=url).source == url


def test_the_scheduler_waits_for_no_files_of_a_shop() -> None:
    assert watched_path(load_settings(None, source=URL)) is None
    assert watched_path(load_settings(None, source="store", store_url=URL)) is None


def test_its_password_is_a_secret_wherever_it_was_given() -> None:
    assert "s@crt" in load_settings(None, source=URL).secrets
    assert "s@crt" in load_settings(None, store_url=URL).secrets


def test_another_address_is_no_shop_and_is_not_repeated() -> None:
    with pytest.raises(SettingsError, match="postgresql://user") as caught:
        load_settings(None, store_url="mysql://ana:s3cret@db/shop")
    assert "s3cret" not in str(caught.value)
    with pytest.raises(SettingsError):
        load_settings(None, source="mysql://db/shop")
