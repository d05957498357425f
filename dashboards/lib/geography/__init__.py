"""The geography dashboard: its data, its words, its tiles, its charts, its tables.

The notebook dashboards/geography.py only puts these together.
"""
