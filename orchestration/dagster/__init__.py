"""Dagster over the stages of a run: assets, checks, jobs, when they start.

This is the only package that imports dagster, and nothing outside imports it: a run by the
command needs no scheduler. What a stage does is not decided here.
"""
