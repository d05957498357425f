-- order_reviews: what customers say, and when.

-- One review per order that has any, with its score. The score depends on what happened:
-- how long it took, whether it came late, in parts, or not at all.
create or replace table scored_reviews as
with lived as (
    select
        order_times.order_no,
        order_times.status,
        order_times.purchased_at,
        order_times.delivered_at,
        order_times.promised_on,
        date_diff('day', promised_on, delivered_at::date) as overdue_days,
        date_diff('second', order_times.purchased_at, delivered_at) / 86400.0 as delivery_days,
        order_times.has_items,
        order_totals.sellers,
    from order_times
    inner join order_totals on order_times.order_no = order_totals.order_no
    where order_times.has_review
),

experienced as (
    select
        *,
        case
            when status in ('canceled', 'unavailable')
                then if(has_items, 'canceled', 'not delivered, no items')
            when status != 'delivered' or delivered_at is null then 'open'
            when sellers > 1 then 'several sellers'
            when overdue_days > 9 then '10 or more days late'
            when overdue_days > 5 then '6-9 days late'
            when overdue_days > 2 then '3-5 days late'
            when overdue_days > 0 then '1-2 days late'
            when delivery_days < 7 then 'within 7 days'
            when delivery_days < 14 then 'within 14 days'
            when delivery_days < 21 then 'within 21 days'
            else 'slow but in time'
        end as experience,
    from lived
),

seated as (
    select
        *,
        (
            row_number() over (
                partition by experience order by draw('score', order_no), order_no
            ) - 0.5
        ) / count(*) over (partition by experience) as position,
    from experienced
)

select
    seated.*,
    case
        when position < scores.score_1 then 1
        when position < scores.score_1 + scores.score_2 then 2
        when position < scores.score_1 + scores.score_2 + scores.score_3 then 3
        when position < scores.score_1 + scores.score_2 + scores.score_3 + scores.score_4
            then 4
        else 5
    end as score,
from seated
inner join scores on seated.experience = scores.experience;

-- All reviews: the first of each order (copy 1), and second and third ones of some.
create or replace table dated_reviews as
with ranked as (
    select
        *,
        row_number() over (order by draw('another review', order_no), order_no) as again_rank,
        -- Those after the last survey first: theirs cannot but lie before the purchase.
        row_number() over (
            partition by status
            order by
                purchased_at::date <= last_survey(),
                draw('asked too early', order_no),
                order_no
        ) as early_rank,
    from scored_reviews
),

-- The third reviews first, so that they fall to orders that have a second one.
copied as (
    select
        *,
        unnest(range(
            1
            + (again_rank <= quirk('orders with a second review'))::int
            + (again_rank <= quirk('orders with a third review'))::int
        )) + 1 as copy,
    from ranked
)

select
    order_no,
    copy,
    order_no * 4 + copy as review_no,
    experience,
    if(
        copy = 1 or draw('same again', order_no * 4 + copy) < 0.45,
        score,
        -- Otherwise like any review, and more often than not a better one.
        [1, 3, 4, 4, 5, 5, 5, 5][die('another score', order_no * 4 + copy, 8)]
    ) as score,
    least(
        case
            when copy = 1 and early_rank <= case status
                when 'canceled' then quirk('reviews before the purchase, canceled')
                when 'delivered' then quirk('reviews before the purchase, delivered')
                else 0
            end
                then purchased_at::date - die('too early by', order_no, 60)::int
            when status = 'canceled'
                then purchased_at::date + 1 + round(
                    along(curve('canceled_review_days'), draw('asked', order_no * 4 + copy))
                )::int
            when delivered_at is null then promised_on + 2
            -- The survey goes out the day after delivery, or when the promise is two days over.
            else least(delivered_at::date + 1, promised_on + 2)
        end + if(copy > 1, die('asked again', order_no * 4 + copy, 20)::int, 0),
        last_survey()
    ) as created_on,
from copied;

create or replace table worded_reviews as
with placed as (
    select
        *,
        case
            when score >= 4 then 'praise'
            when experience in ('canceled', 'not delivered, no items', 'open') then 'missing'
            when experience = 'several sellers' then 'partial'
            when experience like '%late' or experience like 'slow%' then 'late'
            when score = 3 then 'fair'
            else 'complaint'
        end as mood,
        -- Olist asked for a title only from April 2018 on.
        case
            when created_on >= '2018-05-01' then 1.0
            when created_on >= '2018-04-01' then 0.2
            else 0.0
        end as title_era,
    from dated_reviews
),

titled as (
    select
        placed.*,
        comments.message_share,
        draw('title', review_no) < comments.title_share * title_era as has_title,
    from placed
    inner join comments on placed.score = comments.score
),

-- Who writes a title nearly always writes a message.
written as (
    select
        *,
        (
            row_number() over (
                partition by score
                order by
                    draw('message', review_no) - if(has_title, message_share * 0.75, 0),
                    review_no
            ) - 0.5
        ) / count(*) over (partition by score) < message_share as has_message,
    from titled
),

numbered_phrases as (
    select
        mood,
        part,
        phrase,
        row_number() over (partition by mood, part order by phrase) as phrase_no,
        count(*) over (partition by mood, part) as phrase_count,
    from phrases
),

titles as (
    select
        written.review_no,
        numbered_phrases.phrase as title,
    from written
    inner join numbered_phrases
        on
            written.mood = numbered_phrases.mood
            and numbered_phrases.part = 'title'
            and numbered_phrases.phrase_no
            = die('which title', written.review_no, numbered_phrases.phrase_count)
    where written.has_title
),

counts as (
    select
        mood,
        max(phrase_count) filter (part = 'opening') as openings,
        max(phrase_count) filter (part = 'detail') as details,
        max(phrase_count) filter (part = 'closing') as closings,
    from numbered_phrases
    group by mood
),

picked as (
    select
        written.review_no,
        written.mood,
        written.score,
        die('which opening', review_no, openings) as opening_no,
        die('which detail', review_no, details) as detail_no,
        -- The one after the first detail, so never the same.
        1 + die('which detail', review_no, details) % details as further_no,
        die('which closing', review_no, closings) as closing_no,
        draw('how long', review_no) as length_draw,
        -- Some ways to part two thoughts, and a line break for one message in eleven.
        case
            when draw('line break', review_no) < 0.093 then [
                '.' || chr(13) || chr(10), chr(13) || chr(10) || chr(13) || chr(10)
            ][die('which break', review_no, 2)]
            else ['. ', ', ', ', ', '... ', '! ', ' '][die('which mark', review_no, 6)]
        end as mark,
    from written
    inner join counts on written.mood = counts.mood
    where written.has_message
),

messages as (
    select
        picked.review_no,
        draw('manner', picked.review_no) as manner,
        case
            when length_draw > 0.995
                then opening.phrase || mark || '"' || detail.phrase || '"'
            when score < 3 and length_draw > 0.45
                then
                    opening.phrase || mark || detail.phrase || '. ' || further.phrase || '. '
                    || closing.phrase
            when picked.mood = 'praise' and length_draw < 0.12 then opening.phrase
            when picked.mood = 'praise' and length_draw < 0.4
                then opening.phrase || mark || closing.phrase
            when length_draw < 0.55 then opening.phrase || mark || detail.phrase
            when length_draw < 0.6 then detail.phrase || mark || closing.phrase
            else opening.phrase || mark || detail.phrase || '. ' || closing.phrase
        end as message,
    from picked
    inner join numbered_phrases as opening
        on
            picked.mood = opening.mood
            and opening.part = 'opening'
            and picked.opening_no = opening.phrase_no
    inner join numbered_phrases as detail
        on
            picked.mood = detail.mood
            and detail.part = 'detail'
            and picked.detail_no = detail.phrase_no
    inner join numbered_phrases as further
        on
            picked.mood = further.mood
            and further.part = 'detail'
            and picked.further_no = further.phrase_no
    inner join numbered_phrases as closing
        on
            picked.mood = closing.mood
            and closing.part = 'closing'
            and picked.closing_no = closing.phrase_no
)

select
    written.order_no,
    written.copy,
    written.review_no,
    written.score,
    written.created_on,
    titles.title,
    -- As people type: all small, all capitals, without accents.
    case
        when manner < 0.2 then lower(message)
        when manner < 0.25 then upper(message)
        when manner < 0.35 then strip_accents(message)
        else message
    end as message,
from written
left join titles on written.review_no = titles.review_no
left join messages on written.review_no = messages.review_no;

-- Two or three orders of one person at nearly one time share one review, that of the first.
create or replace table shared_reviews as
with pairs as (
    select
        visits.order_no,
        visits.first_order_no,
    from visits
    inner join outcomes on visits.order_no = outcomes.order_no and outcomes.has_review
    inner join outcomes as first_outcomes
        on visits.first_order_no = first_outcomes.order_no and first_outcomes.has_review
    where visits.visit = 2
    order by visits.purchased_at - visits.first_purchased_at, visits.order_no
    limit (select quirk('reviews shared by two orders'))
),

triples as (
    select
        visits.order_no,
        visits.first_order_no,
    from visits
    inner join outcomes on visits.order_no = outcomes.order_no and outcomes.has_review
    where visits.visit = 3 and visits.first_order_no in (select first_order_no from pairs)
    order by visits.purchased_at - visits.first_purchased_at, visits.order_no
    limit (select quirk('reviews shared by three orders'))
)

select order_no, first_order_no,
from pairs
union all
select order_no, first_order_no,
from triples;

create or replace table order_reviews as
with known as (
    select
        worded_reviews.order_no as told_for,
        source_review.*,
    from worded_reviews
    left join shared_reviews
        on worded_reviews.order_no = shared_reviews.order_no and worded_reviews.copy = 1
    inner join worded_reviews as source_review
        on source_review.review_no
        = coalesce(shared_reviews.first_order_no * 4 + 1, worded_reviews.review_no)
),

answered as (
    select
        *,
        created_on::timestamp + days(
            along(curve('review_answer_days'), draw('answer', review_no))
        ) as answered_at,
        row_number() over (
            partition by message is not null
            order by draw('dates lost', review_no), review_no, told_for
        ) as lost_rank,
    from known
)

select
    identifier('review', answered.review_no) as review_id,
    visits.order_id,
    answered.score as review_score,
    answered.title as review_comment_title,
    answered.message as review_comment_message,
    case
        when message is null or lost_rank > quirk('reviews without answer and creation')
            then created_on::timestamp
    end as review_creation_date,
    case
        when message is null
            or lost_rank
            > quirk('reviews without answer and creation') + quirk('reviews without answer')
            then date_trunc('second', answered_at)
    end as review_answer_timestamp,
from answered
inner join visits on answered.told_for = visits.order_no;
