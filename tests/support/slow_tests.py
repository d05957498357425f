"""Tests that take minutes: not part of `make test`, but of `make test-slow`."""

from __future__ import annotations

import os

import pytest

slow = pytest.mark.skipif(
    not os.environ.get("OLIST_SLOW_TESTS"), reason="takes minutes: make test-slow"
)
