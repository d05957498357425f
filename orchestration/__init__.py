"""Runs of the warehouse: one package a subject, ``cli`` in front of them all.

What each package holds, and which may import which: docs/architecture.md.
"""
