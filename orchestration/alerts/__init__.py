"""Who is notified of what, by which channel, and the watch over runs that never came.

Nothing here changes the warehouse.
"""
