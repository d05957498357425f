-- Reviews by month, category and score.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    {{ ratio('sum_review_score', 'num_reviews') }} as score_is_plausible,
    {{ ratio('num_with_comment', 'num_reviews') }} as some_reviews_have_a_comment
from marts.mart_review_analysis
