-- order_payments, and main_payments: one row per order, the type that decides how long its
-- approval takes. A pattern is how many payments of which type an order has.

create or replace table paid_orders as
with numbered as (
    select
        *,
        credit_card + boleto + debit_card + voucher + not_defined as payments,
        row_number() over (
            order by orders desc, credit_card, boleto, debit_card, voucher
        ) as pattern_no,
    from payment_patterns
),

running as (
    select
        *,
        orders::hugeint as weight,
        sum(orders) over (order by pattern_no) as upto,
        sum(orders) over () as total,
    from numbered
),

cards as (
    select
        credit_card,
        boleto,
        debit_card,
        voucher,
        not_defined,
        payments,
        pattern_no,
        unnest(range(card_count(weight, upto, total, getvariable('orders')))) as card,
    from running
),

-- Payments never defined go to canceled orders without items, the missing payment to an
-- order that was delivered; then vouchers, all other patterns but the plain card, the card.
stacked as (
    select
        * exclude (pattern_no, card),
        row_number() over (
            order by
                not_defined desc,
                payments > 0,
                credit_card = payments,
                voucher < payments,
                draw('pattern', pattern_no * 1000000 + card),
                pattern_no,
                card
        ) as seat,
    from cards
),

special_counts as (
    select
        coalesce(sum(not_defined), 0) as undefined,
        count(*) filter (payments = 0) as unpaid,
    from stacked
),

ranked as (
    select
        order_totals.order_no,
        order_totals.items,
        order_totals.total_cents,
        row_number() over (
            order by
                outcomes.status = 'canceled' and not outcomes.has_items desc,
                draw('never defined', order_totals.order_no),
                order_totals.order_no
        ) as undefined_rank,
        row_number() over (
            order by outcomes.status = 'delivered' desc, order_totals.order_no
        ) as unpaid_rank,
        -- Boletos and vouchers pay for slightly cheaper orders than cards do.
        -ln(1 - draw('not by card', order_totals.order_no)) * pow(total_cents, 0.2)
            as cash_key,
    from order_totals
    inner join outcomes on order_totals.order_no = outcomes.order_no
),

seated as (
    select
        ranked.*,
        row_number() over (
            order by
                undefined_rank > undefined,
                undefined_rank > undefined and unpaid_rank > unpaid,
                cash_key,
                order_no
        ) as seat,
    from ranked
    cross join special_counts
),

gapped as (
    select
        seated.* exclude (seat),
        stacked.* exclude (seat),
        row_number() over (
            partition by stacked.credit_card = stacked.payments and seated.items > 0
            order by draw('payment differs', seated.order_no), seated.order_no
        ) as gap_rank,
        row_number() over (
            partition by stacked.voucher > 0 and stacked.payments > 1
            order by draw('empty voucher', seated.order_no), seated.order_no
        ) as empty_voucher_rank,
    from seated
    inner join stacked on seated.seat = stacked.seat
)

select
    *,
    total_cents + case
        when credit_card != payments or items = 0 then 0
        when gap_rank <= quirk('payments off by more than one real')
            then
                -- Interest on installments, for the most part.
                sign(along(curve('payment_gap'), draw('gap', order_no)))
                * greatest(101, abs(cents(along(curve('payment_gap'), draw('gap', order_no)))))
        when gap_rank
            <= quirk('payments off by more than one real')
            + quirk('payments off by some centavos')
            then die('gap', order_no, 98) + 1
        when gap_rank
            <= quirk('payments off by more than one real')
            + quirk('payments off by some centavos')
            + quirk('payments off by one centavo')
            then if(draw('gap', order_no) < 0.5, -1, 1)
        else 0
    end as paid_cents,
    voucher > 0 and payments > 1
    and empty_voucher_rank <= quirk('vouchers of value zero') as has_empty_voucher,
from gapped;

create or replace table main_payments as
select
    order_no,
    case
        when boleto > 0 then 'boleto'
        when credit_card > 0 then 'credit_card'
        when debit_card > 0 then 'debit_card'
        else 'voucher'
    end as payment_type,
from paid_orders;

create or replace table split_payments as
with sequenced as (
    select
        order_no,
        payments,
        paid_cents,
        has_empty_voucher,
        unnest(
            list_concat(
                list_concat(repeat(['credit_card'], credit_card), repeat(['boleto'], boleto)),
                list_concat(
                    list_concat(repeat(['debit_card'], debit_card), repeat(['voucher'], voucher)),
                    repeat(['not_defined'], not_defined)
                )
            )
        ) as payment_type,
        unnest(range(payments)) + 1 as sequential,
    from paid_orders
),

-- Payments of one order share its total in whole centavos.
weighed as (
    select
        *,
        if(
            has_empty_voucher and sequential = payments,
            0,
            die('share of a payment', order_no * 50 + sequential, 90) + 20
        ) as weight,
    from sequenced
),

running as (
    select
        *,
        sum(weight) over (partition by order_no order by sequential) as upto,
        sum(weight) over (partition by order_no) as total,
    from weighed
)

select
    order_no,
    sequential,
    payment_type,
    case
        when payment_type = 'not_defined' then 0
        else paid_cents * upto // total - paid_cents * (upto - weight) // total
    end::bigint as value_cents,
from running;

create or replace table order_payments as
with running as (
    select
        installments,
        mean_value,
        payments::hugeint as weight,
        sum(payments) over (order by mean_value, installments) as upto,
        sum(payments) over () as total,
    from installments
),

cards as (
    select
        installments,
        mean_value,
        unnest(range(card_count(
            weight, upto, total,
            (select count(*) from split_payments where payment_type = 'credit_card')
        ))) as card,
    from running
),

-- The numbers of installments in the order of the money they usually pay for ...
stacked as (
    select
        installments,
        row_number() over (order by mean_value, installments, card) as seat,
    from cards
),

-- ... and the card payments in the order of their value, loosely.
seated as (
    select
        *,
        row_number() over (
            partition by payment_type = 'credit_card'
            order by
                ln(greatest(value_cents, 1))
                + 1.35 * normal('installments', order_no * 50 + sequential),
                order_no,
                sequential
        ) as seat,
    from split_payments
)

select
    visits.order_id,
    seated.sequential as payment_sequential,
    seated.payment_type,
    coalesce(stacked.installments, 1) as payment_installments,
    (seated.value_cents / 100)::decimal(18, 2) as payment_value,
from seated
inner join visits on seated.order_no = visits.order_no
left join stacked on seated.payment_type = 'credit_card' and seated.seat = stacked.seat;
