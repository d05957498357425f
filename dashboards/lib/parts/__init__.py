"""What is special to one page each: grids, curves, maps; given a view, made of shared builders.

A figure with a name is asked of the view; no formula stands here.
"""
