"""Tests that take minutes: not part of `make test`, but of `OLIST_SLOW_TESTS=1 make test`."""

from __future__ import annotations

import os

import pytest

slow = pytest.mark.skipif(
    not os.environ.get("OLIST_SLOW_TESTS"), reason="takes minutes: OLIST_SLOW_TESTS=1"
)
