"""What the published version says of itself, and the hundred questions; values are bound.

Figures of pages are asked in `dashboards.lib.view`.
"""
