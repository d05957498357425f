"""The products dashboard: its sums, its data, its tiles, charts and tables.

No SQL lives here; the notebook beside `lib` only puts the parts together.
"""
