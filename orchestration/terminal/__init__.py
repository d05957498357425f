"""What every command shares: streams, signals, errors in words, exit codes.

Knows nothing of runs and of the warehouse.
"""
