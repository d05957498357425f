-- The vocabulary of all other steps: draws, decks and curves. Nothing here knows Olist.
--
-- Chance comes from hashes, never from random(): a draw depends on the salt (seed and batch),
-- on its purpose and on the index of what it is drawn for, so it is the same on any number
-- of threads and in any order of rows.
--
-- Exact shares come from decks: make as many cards of each kind as it has rows, shuffle, deal.
-- All deck arithmetic is in whole numbers. A sum of doubles depends on the order in which
-- threads add, and one card more or less would shift everything that follows.

-- A number in [0, 1).
create or replace macro draw(purpose, i) as
    (hash(xor(hash((i)::bigint), hash(purpose || getvariable('salt')))) >> 11)::double
    / 9007199254740992.0;

-- A standard normal number (Box-Muller).
create or replace macro normal(purpose, i) as
    sqrt(-2 * ln(1 - draw(purpose || ', radius', i))) * cos(2 * pi() * draw(purpose, i));

-- The day on which the extract ends; far off where its end is not truncated.
create or replace macro last_survey() as
    getvariable('last_survey_on')::date;

-- 1 to sides.
create or replace macro die(purpose, i, sides) as
    1 + floor(draw(purpose, i) * sides)::bigint;

-- 32 hexadecimal characters, as the source's own ids.
create or replace macro identifier(kind, i) as
    md5(kind || getvariable('salt') || '/' || i);

-- How many of a deck's cards fall to one kind: the kinds stand in a row, upto is the running
-- sum of weights through this kind. Rounding the running sum, not each share, makes the cards
-- of all kinds add up to exactly that many.
create or replace macro card_count(weight, upto, total, cards) as (
    ((2 * upto * cards + total) // (2 * total))
    - ((2 * (upto - weight) * cards + total) // (2 * total))
)::bigint;

-- A count of the full size (99,441 orders), cut to this batch. Batches add up to what one
-- batch of their joint size would have.
create or replace macro up_to(full_count, orders) as
    (2 * (full_count) * orders + getvariable('full_orders'))
    // (2 * getvariable('full_orders'));

create or replace macro scaled(full_count) as (
    up_to(full_count, getvariable('last_order'))
    - up_to(full_count, getvariable('first_order'))
)::bigint;

create or replace macro quirk(quirk_name) as
    scaled((select quirks.rows from quirks where quirks.quirk = quirk_name));

-- Read a curve of 21 quantiles at u in [0, 1).
create or replace macro along(points, u) as
    points[1 + floor((u) * 20)::bigint]
    + ((u) * 20 - floor((u) * 20))
    * (points[2 + floor((u) * 20)::bigint] - points[1 + floor((u) * 20)::bigint]);

create or replace macro curve(curve_name) as
    (select curves.points from curves where curves.curve = curve_name);

create or replace macro days(n) as
    to_microseconds(((n) * 86400)::bigint * 1000000);

create or replace macro cents(amount) as
    (round((amount) * 100))::bigint;

create or replace macro distance_km(lat_1, lng_1, lat_2, lng_2) as
    12742 * asin(sqrt(least(
        1,
        pow(sin(radians(lat_2 - lat_1) / 2), 2)
        + cos(radians(lat_1)) * cos(radians(lat_2)) * pow(sin(radians(lng_2 - lng_1) / 2), 2)
    )));

-- Curves arrive as text, 21 numbers with blanks between them.
create or replace table curves as
select curve, string_split(points, ' ')::double[] as points,
from curves;
