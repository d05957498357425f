{#- What a row of each raw table must hold to be usable: the one place of it. `parse_raw` makes
    both the filter of the staging models and ops.quarantined_rows from these, so that a row is
    either staged or quarantined, never both, never neither.

    A column has a kind (see `column_kinds`), and where they apply `required` (a row without
    it means nothing), `min` and `max`. A value outside its kind or bounds sends the whole row
    to quarantine. What merely looks odd (no approval, weight 0, a point outside Brazil,
    an unknown status) is data and stays. -#}
{% macro raw_rules() %}
    {%- set id = {'kind': 'text', 'required': true} -%}
    {%- set text = {'kind': 'text'} -%}
    {%- set comment = {'kind': 'comment'} -%}
    {%- set zip_prefix = {'kind': 'zip_prefix'} -%}
    {%- set amount = {
        'kind': 'amount', 'required': true, 'min': 0, 'max': var('max_plausible_amount'),
    } -%}
    {%- set sequence = {
        'kind': 'whole_number', 'required': true, 'min': 1, 'max': var('max_plausible_sequence'),
    } -%}
    {%- set measure = {
        'kind': 'whole_number', 'min': 0, 'max': var('max_plausible_measure'),
    } -%}
    {%- set length_cm = {
        'kind': 'whole_number', 'min': 0, 'max': var('max_plausible_length_cm'),
    } -%}
    {%- set moment = {
        'kind': 'moment',
        'min': var('earliest_plausible_date'),
        'max': var('latest_plausible_date'),
    } -%}
    {%- set day = dict(moment, kind='day') -%}
    {#- What has happened cannot lie ahead of the load that reports it. -#}
    {%- set past_moment = dict(moment, max='load') -%}
    {%- set past_day = dict(day, max='load') -%}

    {%- do return({
        'customers': {
            'key': ['customer_id'],
            'columns': {
                'customer_id': id,
                'customer_unique_id': id,
                'customer_zip_code_prefix': zip_prefix,
                'customer_city': text,
                'customer_state': text,
            },
        },
        'orders': {
            'key': ['order_id'],
            'columns': {
                'order_id': id,
                'customer_id': id,
                'order_status': id,
                'order_purchase_timestamp': dict(past_moment, required=true),
                'order_approved_at': past_moment,
                'order_delivered_carrier_date': past_moment,
                'order_delivered_customer_date': past_moment,
                'order_estimated_delivery_date': day,
            },
        },
        'order_items': {
            'key': ['order_id', 'order_item_id'],
            'columns': {
                'order_id': id,
                'order_item_id': sequence,
                'product_id': text,
                'seller_id': text,
                'shipping_limit_date': moment,
                'price': amount,
                'freight_value': amount,
            },
        },
        'order_payments': {
            'key': ['order_id', 'payment_sequential'],
            'columns': {
                'order_id': id,
                'payment_sequential': sequence,
                'payment_type': text,
                'payment_installments': {
                    'kind': 'whole_number', 'min': 0, 'max': var('max_plausible_sequence'),
                },
                'payment_value': amount,
            },
        },
        'order_reviews': {
            'key': ['review_id', 'order_id'],
            'columns': {
                'review_id': id,
                'order_id': id,
                'review_score': {
                    'kind': 'whole_number', 'required': true, 'min': 1, 'max': 5,
                },
                'review_comment_title': comment,
                'review_comment_message': comment,
                'review_creation_date': past_day,
                'review_answer_timestamp': past_moment,
            },
        },
        'products': {
            'key': ['product_id'],
            'columns': {
                'product_id': id,
                'product_category_name': text,
                'product_name_lenght': measure,
                'product_description_lenght': measure,
                'product_photos_qty': measure,
                'product_weight_g': measure,
                'product_length_cm': length_cm,
                'product_height_cm': length_cm,
                'product_width_cm': length_cm,
            },
        },
        'sellers': {
            'key': ['seller_id'],
            'columns': {
                'seller_id': id,
                'seller_zip_code_prefix': zip_prefix,
                'seller_city': text,
                'seller_state': text,
            },
        },
        'geolocation': {
            'key': [],
            'columns': {
                'geolocation_zip_code_prefix': dict(zip_prefix, required=true),
                'geolocation_lat': {
                    'kind': 'coordinate', 'required': true, 'min': -90, 'max': 90,
                },
                'geolocation_lng': {
                    'kind': 'coordinate', 'required': true, 'min': -180, 'max': 180,
                },
                'geolocation_city': text,
                'geolocation_state': text,
            },
        },
        'product_category_name_translation': {
            'key': ['product_category_name'],
            'columns': {
                'product_category_name': id,
                'product_category_name_english': text,
            },
        },
    }) -%}
{% endmacro %}

{#- The staging model of each raw table. -#}
{% macro staging_models() %}
    {%- do return({
        'customers': 'stg_customers',
        'orders': 'stg_orders',
        'order_items': 'stg_order_items',
        'order_payments': 'stg_order_payments',
        'order_reviews': 'stg_order_reviews',
        'products': 'stg_products',
        'sellers': 'stg_sellers',
        'geolocation': 'stg_geolocation',
        'product_category_name_translation': 'stg_category_translation',
    }) -%}
{% endmacro %}

{#- The kinds of columns: the form a value must have (a regular expression, none where any
    text will do), and what to say of a value that is not of the kind. The form is demanded
    before the cast because casts accept too much: `1e5` is a decimal, `40.5` an integer,
    `2017-10-02 10:56:33+00` a timestamp that is shifted without a word. Coordinates have none:
    their bounds refuse NaN and infinity, and a form would double the time of the million
    geolocation rows. Amounts with more than two decimals are rounded to the centavo. -#}
{% macro column_kinds() %}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?' -%}
    {%- do return({
        'text': {},
        'comment': {},
        'zip_prefix': {'form': '[0-9]{1,5}', 'problem': 'not 1 to 5 digits'},
        'whole_number': {
            'form': '[-+]?[0-9]{1,9}([.]0+)?', 'problem': 'not a whole number',
        },
        'amount': {
            'form': '[-+]?[0-9]{1,15}([.][0-9]{1,20})?', 'problem': 'not an amount',
        },
        'coordinate': {'problem': 'not a number'},
        'moment': {
            'form': day ~ ' ' ~ time,
            'problem': 'not a time like 2017-10-02 10:56:33',
        },
        'day': {
            'form': day ~ '( ' ~ time ~ ')?', 'problem': 'not a date like 2017-10-02',
        },
    }) -%}
{% endmacro %}
