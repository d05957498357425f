"""Asking: the catalogue of the hundred questions, their findings, and free SQL.

The page and the command ``olist ask`` are made of the same parts.
"""
