"""The nine source tables as data: file name, columns in order, natural key.

What is here is the contract with the source system. How files are found is in
``extract.sources``, how they are read in ``extract.load``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One source file and the raw table it is loaded into.

    Attributes:
        name: Table name in the schema ``raw``.
        file_name: Name of the CSV as Kaggle delivers it.
        columns: Column names as the header spells them, in file order.
        key: Columns that identify a row; empty where the source has no key and rows may
            repeat (geolocation).
        number_keys: Columns of the key that are whole numbers: 1.0 and 01 name the row of 1.
    """

    name: str
    file_name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    number_keys: tuple[str, ...] = ()


TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        name="customers",
        file_name="olist_customers_dataset.csv",
        columns=(
            "customer_id",
            "customer_unique_id",
            "customer_zip_code_prefix",
            "customer_city",
            "customer_state",
        ),
        key=("customer_id",),
    ),
    SourceTable(
        name="orders",
        file_name="olist_orders_dataset.csv",
        columns=(
            "order_id",
            "customer_id",
            "order_status",
            "order_purchase_timestamp",
            "order_approved_at",
            "order_delivered_carrier_date",
            "order_delivered_customer_date",
            "order_estimated_delivery_date",
        ),
        key=("order_id",),
    ),
    SourceTable(
        name="order_items",
        file_name="olist_order_items_dataset.csv",
        columns=(
            "order_id",
            "order_item_id",
            "product_id",
            "seller_id",
            "shipping_limit_date",
            "price",
            "freight_value",
        ),
        key=("order_id", "order_item_id"),
        number_keys=("order_item_id",),
    ),
    SourceTable(
        name="order_payments",
        file_name="olist_order_payments_dataset.csv",
        columns=(
            "order_id",
            "payment_sequential",
            "payment_type",
            "payment_installments",
            "payment_value",
        ),
        key=("order_id", "payment_sequential"),
        number_keys=("payment_sequential",),
    ),
    SourceTable(
        name="order_reviews",
        file_name="olist_order_reviews_dataset.csv",
        columns=(
            "review_id",
            "order_id",
            "review_score",
            "review_comment_title",
            "review_comment_message",
            "review_creation_date",
            "review_answer_timestamp",
        ),
        key=("review_id", "order_id"),
    ),
    SourceTable(
        name="products",
        file_name="olist_products_dataset.csv",
        # "lenght" is how the source spells it.
        columns=(
            "product_id",
            "product_category_name",
            "product_name_lenght",
            "product_description_lenght",
            "product_photos_qty",
            "product_weight_g",
            "product_length_cm",
            "product_height_cm",
            "product_width_cm",
        ),
        key=("product_id",),
    ),
    SourceTable(
        name="sellers",
        file_name="olist_sellers_dataset.csv",
        columns=(
            "seller_id",
            "seller_zip_code_prefix",
            "seller_city",
            "seller_state",
        ),
        key=("seller_id",),
    ),
    SourceTable(
        name="geolocation",
        file_name="olist_geolocation_dataset.csv",
        columns=(
            "geolocation_zip_code_prefix",
            "geolocation_lat",
            "geolocation_lng",
            "geolocation_city",
            "geolocation_state",
        ),
        key=(),
    ),
    SourceTable(
        name="product_category_name_translation",
        file_name="product_category_name_translation.csv",
        columns=("product_category_name", "product_category_name_english"),
        key=("product_category_name",),
    ),
)

TABLES_BY_NAME: dict[str, SourceTable] = {table.name: table for table in TABLES}
