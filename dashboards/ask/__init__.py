"""Asking: ``olist ask`` is the command, ``page.py`` the notebook of /ask.

A folder and not one file, because the command must not wait for marimo, which a notebook
imports before anything else.
"""
