"""Tests of parts together, on warehouses that the real command built."""
