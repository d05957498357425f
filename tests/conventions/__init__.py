"""Tests of how the house is kept: layers, names, descriptions, files."""
