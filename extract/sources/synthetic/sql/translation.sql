-- product_category_name_translation: 71 pairs at any scale. Two categories that products use
-- (pc_gamer is one) have no translation, as in the source.

create or replace table product_category_name_translation as
select
    category as product_category_name,
    english as product_category_name_english,
from categories
where english is not null;
