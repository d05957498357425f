"""How a run works: its stages in order, their context, the source, the live display.

What it leaves behind is in ``orchestration.runs.records``.
"""
