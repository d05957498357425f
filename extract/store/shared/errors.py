"""What the domain refuses, by name."""

from __future__ import annotations


class DomainError(Exception):
    """The shop refuses what was asked; nothing has changed."""


class InvalidValueError(DomainError):
    """A value cannot be what it is said to be: a score of 6, a state that is none."""


class UnknownEntityError(DomainError):
    """There is no order, product, ... of that identifier."""
