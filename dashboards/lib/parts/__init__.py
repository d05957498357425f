"""What is truly special to one page each: functions that are given a view.

Grids, curves, maps, one seller: what more than one page shows is in the modules above.
"""
