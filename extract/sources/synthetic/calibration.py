"""What the generated data is calibrated to: sizes at scale 1, and the files of figures.

Every figure is a count, a share or a quantile of the real dataset, none is a row of it. The
sizes are here; all else is in ``figures/``, one small CSV per subject, loaded as a table of
the same name:

    months, special_days   orders and outcomes by month; days with a count of their own
    weekdays, hours        weight of a weekday; orders by hour
    states                 orders, sellers, items sold, days promised, share of late orders
    places                 towns with the run of CEP prefixes around them, orders, points
    persons                persons by number of orders
    statuses               per order status: rows without items, review, a timestamp
    categories, photos     products, lines, revenue; log-normal price and weight; volume
    baskets                orders by number of items
    payment_patterns       orders by how many payments of which type
    installments           card payments by number of installments, with their mean value
    scores                 shares of the five scores by what the customer lived through
    comments, phrases      shares of reviews with words; the words (written for this project)
    curves                 21 quantiles from 0 to 1; the outer ones keep the mean of the tails
    quirks                 rows of everything odd that is data and not error
    odd_seller_cities      spellings as careless as the source's
    foreign_points         where points outside Brazil lie
"""

from __future__ import annotations

from pathlib import Path

ORDERS = 99_441
SELLERS = 3_095
PRODUCTS = 32_951
FREIGHT_CENTS = 225_190_954

# The day of the last survey, and with it of the last look at any order.
LAST_SURVEY = "2018-08-31"
NEVER = "9999-12-31"

# Geolocation: distinct points, and rows that repeat one of them.
POINTS = 738_332
REPEATED_POINTS = 261_831

# Prefixes in all, and those of them that have customers or sellers but no point.
PREFIXES = 19_177
UNKNOWN_PREFIXES = 162

FIGURES = Path(__file__).parent / "figures"
STEPS = Path(__file__).parent / "sql"
