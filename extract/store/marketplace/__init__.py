"""Marketplace: what is offered, by whom, and for how much."""
