"""Nine tiny, valid source files, for tests that load them whole or spoil one of them.

The rows hang together (orders have their customers, items their products), and hold a few
quirks of the real files: a comment over two lines, a BOM, a row repeated in geolocation.
"""

from __future__ import annotations

from pathlib import Path

from extract.sources import SourceFiles, open_source
from extract.tables import TABLES

TINY_FILES: dict[str, str] = {
    "customers": (
        '"customer_id","customer_unique_id","customer_zip_code_prefix","customer_city",'
        '"customer_state"\n'
        '"c1","p1","01037",sao paulo,SP\n'
        '"c2","p2","20031",rio de janeiro,RJ\n'
        '"c3","p1","01037",sao paulo,SP\n'
    ),
    "orders": (
        '"order_id","customer_id","order_status","order_purchase_timestamp",'
        '"order_approved_at","order_delivered_carrier_date","order_delivered_customer_date",'
        '"order_estimated_delivery_date"\n'
        '"o1","c1",delivered,2017-11-24 10:00:00,2017-11-24 10:10:00,2017-11-25 09:00:00,'
        "2017-12-01 18:00:00,2017-12-10 00:00:00\n"
        '"o2","c2",shipped,2018-01-05 11:00:00,2018-01-05 11:30:00,2018-01-07 08:00:00,,'
        "2018-01-30 00:00:00\n"
        '"o3","c3",canceled,2018-02-01 12:00:00,,,,2018-02-20 00:00:00\n'
    ),
    "order_items": (
        '"order_id","order_item_id","product_id","seller_id","shipping_limit_date","price",'
        '"freight_value"\n'
        '"o1",1,"pr1","s1",2017-11-28 10:10:00,58.90,13.29\n'
        '"o1",2,"pr1","s1",2017-11-28 10:10:00,58.90,13.29\n'
        '"o2",1,"pr2","s2",2018-01-10 11:30:00,199.00,0.00\n'
    ),
    "order_payments": (
        '"order_id","payment_sequential","payment_type","payment_installments",'
        '"payment_value"\n'
        '"o1",1,credit_card,3,144.38\n'
        '"o2",1,boleto,1,199.00\n'
        '"o3",1,voucher,1,20.00\n'
    ),
    "order_reviews": (
        '"review_id","order_id","review_score","review_comment_title",'
        '"review_comment_message","review_creation_date","review_answer_timestamp"\r\n'
        '"r1","o1",5,"muito bom","chegou antes,\r\ne bem embalado",2017-12-02 00:00:00,'
        "2017-12-03 10:00:00\r\n"
        '"r2","o2",2,,"não chegou",2018-01-31 00:00:00,2018-02-01 09:00:00\r\n'
    ),
    "products": (
        '"product_id","product_category_name","product_name_lenght",'
        '"product_description_lenght","product_photos_qty","product_weight_g",'
        '"product_length_cm","product_height_cm","product_width_cm"\n'
        '"pr1",beleza_saude,40,287,1,225,16,10,14\n'
        '"pr2",,,,,1000,30,18,20\n'
    ),
    "sellers": (
        '"seller_id","seller_zip_code_prefix","seller_city","seller_state"\n'
        '"s1","13023",campinas,SP\n'
        '"s2","20031",rio de janeiro,RJ\n'
        '"s3","04195",sao paulo,SP\n'
    ),
    "geolocation": (
        '"geolocation_zip_code_prefix","geolocation_lat","geolocation_lng",'
        '"geolocation_city","geolocation_state"\n'
        '"01037",-23.54562128115268,-46.63929204800168,sao paulo,SP\n'
        '"01037",-23.54562128115268,-46.63929204800168,sao paulo,SP\n'
        '"20031",-22.90642,-43.17501,rio de janeiro,RJ\n'
        '"13023",-22.9,-47.06,campinas,SP\n'
    ),
    "product_category_name_translation": (
        "\ufeffproduct_category_name,product_category_name_english\r\n"
        "beleza_saude,health_beauty\r\n"
        "informatica_acessorios,computers_accessories"
    ),
}

TINY_COUNTS: dict[str, int] = {
    "customers": 3,
    "orders": 3,
    "order_items": 3,
    "order_payments": 3,
    "order_reviews": 2,
    "products": 2,
    "sellers": 3,
    "geolocation": 4,
    "product_category_name_translation": 2,
}


def write_tiny_source(directory: Path, **overrides: str | bytes | None) -> Path:
    """Write the nine files.

    Args:
        directory: Where to; made if it is not there.
        overrides: Table name to the whole content of its file; None leaves the file out.

    Returns:
        The directory.
    """
    unknown = set(overrides) - set(TINY_FILES)
    if unknown:
        raise ValueError(f"no such table: {sorted(unknown)}")
    directory.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        content = overrides.get(table.name, TINY_FILES[table.name])
        path = directory / table.file_name
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return directory


def tiny_source(directory: Path, **overrides: str | bytes | None) -> SourceFiles:
    """Write the nine files and open them as a source."""
    with open_source(write_tiny_source(directory, **overrides)) as source:
        return source
