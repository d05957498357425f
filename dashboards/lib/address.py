"""What is chosen on a page, kept in its address: a link restores it, a reload keeps it."""

from __future__ import annotations

import marimo as mo


def read() -> dict[str, str]:
    """The parameters of the address; none outside of a page."""
    if not mo.running_in_notebook():
        return {}
    return {name: str(value) for name, value in mo.query_params().to_dict().items()}


def keep(**values: str) -> None:
    """Set parameters; one that is empty, which is where the page begins, stays out of it."""
    address = mo.query_params()
    for name, value in values.items():
        if value and address.get(name) != value:
            address[name] = value
        elif not value and name in address:
            del address[name]
