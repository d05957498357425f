"""The pipeline page: its data, its words, its tiles, its charts, its tables.

The notebook dashboards/pipeline.py only puts these together.
"""
