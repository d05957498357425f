"""Read nine files back, without the project's own load: as text, with typed views on top."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from extract.tables import TABLES

_VIEWS = """
create view placed as
select
    o.*, c.customer_unique_id, c.customer_zip_code_prefix, c.customer_city, c.customer_state,
    order_status as status,
    order_purchase_timestamp::timestamp as purchased_at,
    order_approved_at::timestamp as approved_at,
    order_delivered_carrier_date::timestamp as carrier_at,
    order_delivered_customer_date::timestamp as delivered_at,
    order_estimated_delivery_date::timestamp as promised_at,
    strftime(purchased_at, '%Y-%m') as month,
    date_diff('second', purchased_at, delivered_at) / 86400.0 as delivery_days,
    status = 'delivered' and delivered_at::date > promised_at::date as is_late
from orders as o inner join customers as c using (customer_id);

create view items as
select
    order_id, product_id, seller_id, price::decimal(18, 2) as price,
    freight_value::decimal(18, 2) as freight, shipping_limit_date::timestamp as limit_at,
    product_category_name as category
from order_items inner join products using (product_id);

create view payments as
select
    order_id, payment_type, payment_installments::int as installments,
    payment_value::decimal(18, 2) as amount
from order_payments;

create view reviews as
select
    review_id, order_id, review_score::int as score, review_comment_title as title,
    review_comment_message as message, review_creation_date::timestamp as created_at,
    review_answer_timestamp::timestamp as answered_at
from order_reviews;

create view points as
select
    geolocation_zip_code_prefix as prefix, geolocation_city as city,
    geolocation_state as state, geolocation_lat::double as lat, geolocation_lng::double as lng,
    lat not between -33.76 and 5.28 or lng not between -73.99 and -28.84 as is_abroad
from geolocation;

create table baskets as
select
    order_id, count(*) as num_items, count(distinct seller_id) as num_sellers,
    count(distinct product_id) as num_products, sum(price) as price,
    sum(price + freight) as total, sum(freight) / count(*) as item_freight
from items group by order_id;

create table payment_gaps as
select order_id, sum(payments.amount) - any_value(baskets.total) as gap
from payments inner join baskets using (order_id) group by order_id;

create table distances as
with centres as (
    select prefix, median(lat) as lat, median(lng) as lng
    from points where not is_abroad group by prefix
)
select
    order_id,
    max(6371 * 2 * asin(sqrt(least(1,
        pow(sin(radians(s.lat - c.lat) / 2), 2)
        + cos(radians(c.lat)) * cos(radians(s.lat)) * pow(sin(radians(s.lng - c.lng) / 2), 2)
    )))) as distance_km
from items
inner join placed using (order_id)
inner join sellers using (seller_id)
inner join centres as c on c.prefix = customer_zip_code_prefix
inner join centres as s on s.prefix = seller_zip_code_prefix
group by order_id;
"""


def read_files(directory: Path, database: Path) -> None:
    """Load the nine files of a directory into a new database."""
    with duckdb.connect(str(database)) as con:
        for table in TABLES:
            con.execute(
                f"create table {table.name} as from read_csv(?, all_varchar = true, "
                "header = true, quote = '\"', escape = '\"', delim = ',')",
                [str(directory / table.file_name)],
            )
        con.execute(_VIEWS)


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Give all rows of a query."""
    return con.execute(sql).fetchall()


def by_key(con: duckdb.DuckDBPyConnection, sql: str) -> dict[Any, float]:
    """Give a query of two columns as a mapping from the first to the second."""
    return {row[0]: float(row[1]) for row in rows(con, sql)}


def number(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    """Give the only value of a query."""
    (row,) = rows(con, sql)
    return float(row[0])
