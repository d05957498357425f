"""A dataset played through the shop, step by step in time order, as it must have happened.

What happened when is read out of the nine files in ``timeline``; ``player`` takes the steps
through the aggregates, ``command`` says how far it is. The rules are those of
``extract.replay``, to the second instead of the day.
"""
