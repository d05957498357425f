"""The delivery dashboard: its figures, its data, its words, its tiles, its charts, its tables.

The notebook dashboards/delivery.py only puts these together.
"""
