"""The generator: nine files shaped like Olist's, made from a seed.

``generate`` is the one door. What is drawn is in ``figures/`` (counts, shares and curves as
measured on the real files; no row of these), how it is drawn in ``sql/``, one file a step.
"""

from extract.sources.synthetic.generator import generate

__all__ = ["generate"]
