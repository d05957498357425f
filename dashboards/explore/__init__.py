"""Explore: any metric by any dimension, as a page (``page.py``) and in a terminal."""
