"""Tests of the conventions: layers, names, descriptions, files."""
