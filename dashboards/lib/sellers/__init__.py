"""The sellers dashboard: its figures, its data, its words, its tiles, its charts, its tables.

The notebook dashboards/sellers.py only puts these together.
"""
