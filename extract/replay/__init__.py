"""Replay: a dataset cut into dated drops, as the source system would have shown it each day.

The dataset holds only how things ended. A drop of day D shows them as they stood at the end
of D, by the timestamps in the rows themselves; nothing is invented beyond what is said here.
``olist replay --help`` is the command, ``replay`` the same for programs. When a
row appears and changes is decided in ``timelines``; ``drops`` writes the files.

Rules:

- An order appears on the day of its purchase. Its timestamps appear on their own day and are
  empty before; the estimate is a promise and stands from the start. A payment appears with
  the approval, or with the purchase when there was none.
- Its status follows from the timestamps that have come true: ``created``, ``approved``,
  ``shipped``, ``delivered``, whichever is furthest, though timestamps may come out of order.
  The status of the dataset stands from the last known timestamp on (so ``invoiced`` and
  ``processing`` from the approval), and ``canceled`` and ``unavailable`` from the day after,
  since no source says when that was and this is the first day that contradicts nothing.
- A review appears on the day of its answer, whole. The survey is sent days before, but an
  unanswered survey is not a review: no row of the dataset lacks a score, and staging has no
  use for one that does. Without an answer time it appears on its creation date. What belongs
  to an order never appears before the order.
- Items appear with their order (``shipping_limit_date`` is a deadline, so it may lie ahead);
  customers with their first order; products and sellers with their first item. What no order
  mentions, or has no readable time, is there from the first drop. Geolocation and translation
  are too, byte for byte; files that did not change are hard links to the ones before, so
  replace them rather than edit them in place.
- The last drop equals the dataset row for row if its day is on or after the data's end (the
  last day on which any row appears or changes), or if ``complete`` is asked for.
- A delta holds the rows that are new or changed since the drop before, and a row that had
  been missing counts as new. Where several rows share a key, all of them come if one does.

Faults, drawn by seed and key, so that the same call writes the same bytes. Shares are of the
rows of each of the seven tables with a key that change over time (not geolocation,
translation):

- late: the row arrives one to five drops after it should.
- corrections: a price, payment value, review score, city or category is first shown wrong
  (a category may be empty), and right from one to five drops later.
- deletions: the row is missing from one or more drops in between.

Whatever the faults, the last drop is the one there would be without them.
"""

from __future__ import annotations

from extract.replay.days import Every
from extract.replay.drops import Drop, replay
from extract.replay.errors import ReplayError

__all__ = ["Drop", "Every", "ReplayError", "replay"]
