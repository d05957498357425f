"""The record of runs: what a run reports while it works and leaves when it ends, read back.

How a run works is in ``orchestration.pipeline.stages``.
"""
