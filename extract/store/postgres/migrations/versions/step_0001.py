"""The shop as it began: four contexts, outbox, exceptions, and what extraction goes by.

Every table that is extracted has ``row_xid``, the transaction that wrote the row, set by a
trigger whoever writes; what is deleted leaves a tombstone.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
create schema sales;
create schema customer;
create schema marketplace;
create schema fulfillment;

create table sales.orders (
    order_id text primary key,
    customer_id text not null,
    status text not null,
    placed_at timestamp not null,
    approved_at timestamp,
    row_xid xid8 not null
);
create table sales.order_items (
    order_id text not null references sales.orders on delete cascade,
    number integer not null,
    product_id text not null,
    seller_id text not null,
    dispatch_by timestamp,
    price numeric(18, 2) not null,
    freight numeric(18, 2) not null,
    row_xid xid8 not null,
    primary key (order_id, number)
);
create table sales.payments (
    order_id text not null references sales.orders on delete cascade,
    sequential integer not null,
    method text not null,
    installments integer not null,
    amount numeric(18, 2) not null,
    row_xid xid8 not null,
    primary key (order_id, sequential)
);
create table sales.refunds (
    order_id text not null references sales.orders on delete cascade,
    sequential integer not null,
    amount numeric(18, 2) not null,
    refunded_at timestamp not null,
    row_xid xid8 not null,
    primary key (order_id, sequential)
);
create table sales.reviews (
    order_id text not null references sales.orders on delete cascade,
    review_id text not null,
    score integer not null,
    title text,
    message text,
    asked_at timestamp,
    answered_at timestamp,
    row_xid xid8 not null,
    primary key (order_id, review_id)
);

create table customer.persons (
    person_id text primary key,
    registered_at timestamp not null,
    num_orders integer not null,
    last_ordered_at timestamp,
    name text,
    email text
);
create table customer.accounts (
    person_id text not null references customer.persons on delete cascade,
    customer_id text primary key,
    position integer not null,
    zip_code_prefix text not null,
    city text not null,
    state text not null,
    row_xid xid8 not null
);
create index on customer.accounts (person_id);

create table marketplace.products (
    product_id text primary key,
    category text,
    name_length integer,
    description_length integer,
    num_photos integer,
    weight_g integer,
    length_cm integer,
    height_cm integer,
    width_cm integer,
    listed_at timestamp not null,
    row_xid xid8 not null
);
create table marketplace.offers (
    product_id text not null references marketplace.products on delete cascade,
    seller_id text not null,
    price numeric(18, 2) not null,
    primary key (product_id, seller_id)
);
create table marketplace.sellers (
    seller_id text primary key,
    zip_code_prefix text not null,
    city text not null,
    state text not null,
    joined_at timestamp not null,
    cnpj text,
    name text,
    row_xid xid8 not null
);
create table marketplace.ratings (
    seller_id text primary key references marketplace.sellers on delete cascade,
    num_reviews integer not null,
    sum_score integer not null
);
create table marketplace.categories (
    name text primary key,
    english text,
    row_xid xid8 not null
);
create table marketplace.geography (
    zip_code_prefix text,
    latitude numeric,
    longitude numeric,
    city text,
    state text,
    row_xid xid8 not null
);

create table fulfillment.deliveries (
    order_id text primary key,
    ordered_at timestamp not null,
    promised_for timestamp not null,
    handed_over_at timestamp,
    delivered_at timestamp,
    is_stopped boolean not null,
    row_xid xid8 not null
);

create table store.identity (
    is_the_only_one boolean primary key default true check (is_the_only_one),
    store_id uuid not null default gen_random_uuid(),
    is_synthetic boolean not null default false
);
insert into store.identity default values;

create table store.playback (
    is_the_only_one boolean primary key default true check (is_the_only_one),
    dataset text not null,
    position bigint not null,
    num_steps bigint not null,
    clock timestamp
);

create table store.outbox (
    event_id bigint generated always as identity primary key,
    kind text not null,
    aggregate_id text not null,
    occurred_at timestamp not null,
    payload jsonb not null
);
create table store.exceptions (
    exception_id bigint generated always as identity primary key,
    kind text not null,
    entity_id text not null,
    occurred_at timestamp not null,
    detail text not null,
    source jsonb
);

-- What was deleted, by the name and the key of the extracted table.
create table store.tombstones (
    table_name text not null,
    key text[] not null,
    row_xid xid8 not null default pg_current_xact_id()
);
create index on store.tombstones (row_xid);

create function store.stamp() returns trigger language plpgsql as $$
begin
    new.row_xid := pg_current_xact_id();
    return new;
end $$;

-- Arguments: the extracted table, then the columns of the key in its order. It runs as its
-- owner, so that any account that may delete a row leaves a tombstone.
create function store.bury() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
    was jsonb := to_jsonb(old);
    is_now jsonb := case when tg_op = 'UPDATE' then to_jsonb(new) end;
    gone text[] := '{}';
    stays boolean := tg_op = 'UPDATE';
begin
    for i in 1 .. tg_nargs - 1 loop
        gone := gone || (was ->> tg_argv[i]);
        stays := stays and (was ->> tg_argv[i]) = (is_now ->> tg_argv[i]);
    end loop;
    if not stays then
        insert into store.tombstones (table_name, key) values (tg_argv[0], gone);
    end if;
    return null;
end $$;

create function store.refuse_truncate() returns trigger language plpgsql as $$
begin
    raise exception 'truncate leaves no tombstones: delete the rows instead';
end $$;
"""

# Table, its name as extracted, the columns of its key in the order of the extracted key.
_EXTRACTED = (
    ("sales.orders", "orders", ("order_id",)),
    ("sales.order_items", "order_items", ("order_id", "number")),
    ("sales.payments", "order_payments", ("order_id", "sequential")),
    ("sales.refunds", "refunds", ("order_id", "sequential")),
    ("sales.reviews", "order_reviews", ("review_id", "order_id")),
    ("customer.accounts", "customers", ("customer_id",)),
    ("marketplace.products", "products", ("product_id",)),
    ("marketplace.sellers", "sellers", ("seller_id",)),
    ("marketplace.categories", "product_category_name_translation", ("name",)),
    ("marketplace.geography", "geolocation", ()),
    ("fulfillment.deliveries", "deliveries", ("order_id",)),
)


def upgrade() -> None:
    """Make everything."""
    op.execute(_TABLES)
    for table, name, key in _EXTRACTED:
        op.execute(
            f"create index on {table} (row_xid);"
            f"create trigger stamp before insert or update on {table}"
            " for each row execute function store.stamp();"
            f"create trigger refuse_truncate before truncate on {table}"
            " for each statement execute function store.refuse_truncate()"
        )
        if key:
            arguments = ", ".join(f"'{one}'" for one in (name, *key))
            op.execute(
                f"create trigger bury after delete or update of {', '.join(key)} on {table}"
                f" for each row execute function store.bury({arguments})"
            )


def downgrade() -> None:
    """Remove everything but the schema of Alembic's own table."""
    op.execute(
        "drop schema sales, customer, marketplace, fulfillment cascade;"
        "drop table store.identity, store.playback, store.outbox, store.exceptions,"
        " store.tombstones;"
        "drop function store.stamp, store.bury, store.refuse_truncate"
    )
