"""The only SQL of the dashboards: read-only, from the marts, values bound, results typed.

One module per subject. Queries add up; ratios are made in `dashboards.lib.metrics`.
"""
