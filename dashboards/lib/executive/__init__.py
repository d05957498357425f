"""The executive dashboard: its data, its words, its tiles, its charts, its tables.

The notebook dashboards/executive.py only puts these together.
"""
