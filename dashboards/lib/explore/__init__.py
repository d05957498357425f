"""Asking for any metrics: the words of a question, the terminal, the page, docs/metrics.md.

What a metric is stands in ``semantics``, how it is asked in ``query``.
"""
