"""A second route to nine questions of areas 6 to 8, in pandas alone.

Three questions an area; those of areas 9 and 10 are in ``independent_questions_risk``. Each
goes from the files by the marts' second routes (``independent_marts``) and shares no line with
the SQL. Ratios are not rounded. Exact amounts are integer centavos, as the queries' decimals
are compared; columns that the queries round (averages, per head) are in BRL.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pandas as pd

from tests.support.independent_marts import first_of_month, ratio
from tests.support.independent_questions_statistics import (
    DISCOVERY_RATE,
    adjusted,
    growth_of,
    interval_of_means,
    interval_of_shares,
    p_values,
)
from tests.support.second_route import SecondRoute

SEEDS = Path(__file__).resolve().parents[2] / "olist_dw_dbt" / "seeds"
MIN_VOLUME = 20
MIN_FOR_GROWTH = 300
SHARE_OF_MOST = 0.8


class QuestionsB:
    """The results of nine questions, by the number of the question."""

    def __init__(self, second: SecondRoute) -> None:
        """Go on from the second routes to the marts."""
        self.route = second.files
        self.marts = second.marts
        self.offers = second.offers
        self.customers = second.customers
        self.flows = second.flows
        self.answers: dict[int, Callable[[], pd.DataFrame]] = {
            52: self.revenue_pareto,
            54: self.sellers_by_sales,
            58: self.sellers_still_active,
            61: self.revenue_by_state,
            66: self.metropolitan_penetration,
            67: self.growth_by_state,
            74: self.first_categories,
            75: self.kinds_of_sales,
            78: self.bought_together,
        }

    # Sellers.

    def revenue_pareto(self) -> pd.DataFrame:
        """Question 52: the sellers in a list, cut into twenty pieces."""
        items = self.marts.items
        sold = items[items["is_sale"]]
        revenue = (sold["price"] + sold["freight"]).groupby(sold["seller_id"]).sum()
        ranked = sorted(((-amount, seller) for seller, amount in revenue.items()))
        amounts = [-amount for amount, _ in ranked]
        total, number = sum(amounts), len(amounts)
        running, most = 0, 0
        for amount in amounts:
            if running < SHARE_OF_MOST * total:
                most += 1
            running += amount
        rows, begin = [], 0
        for piece in range(1, 21):
            size = -(-number * piece // 20) - begin
            part = amounts[begin : begin + size]
            begin += size
            rows.append(
                {
                    "seller_rate": piece / 20,
                    "num_sellers": size,
                    "cumulative_sellers": begin,
                    "revenue_amount": sum(part),
                    "revenue_rate": sum(part) / total,
                    "cumulative_revenue_rate": sum(amounts[:begin]) / total,
                    "average_revenue_per_seller": sum(part) / size / 100,
                    "num_sellers_for_most": most,
                    "finding_num_sellers": number,
                    "finding_fifth_rate": sum(amounts[: -(-number // 5)]) / total,
                    "finding_most_rate": 100 * SHARE_OF_MOST,
                }
            )
        return pd.DataFrame(rows)

    def sellers_by_sales(self) -> pd.DataFrame:
        """Question 54."""
        mart = self.offers.seller_mart
        mart = mart[mart["num_sales"] > 0]
        names = ["under 2", "2 to 5", "6 to 20", "21 to 100", "101 or more"]
        band = pd.cut(mart["num_sales"], [0, 1, 5, 20, 100, 10**9], labels=names)
        sums = mart.groupby(band.astype(str)).agg(
            num_sellers=("seller_id", "size"),
            num_active=("is_active", "sum"),
            num_sales=("num_sales", "sum"),
            num_reviewed=("num_reviewed_orders", "sum"),
            stars=("sum_review_score", "sum"),
            num_deliveries=("num_deliveries", "sum"),
            num_on_time=("num_on_time", "sum"),
            revenue_amount=("revenue_amount", "sum"),
        )
        return sums.assign(
            seller_rate=sums["num_sellers"] / sums["num_sellers"].sum(),
            revenue_rate=sums["revenue_amount"] / sums["revenue_amount"].sum(),
            average_order_value=sums["revenue_amount"] / 100 / sums["num_sales"],
            average_review_score=ratio(sums["stars"], sums["num_reviewed"]),
            on_time_rate=ratio(sums["num_on_time"], sums["num_deliveries"]),
            active_rate=sums["num_active"] / sums["num_sellers"],
        ).reset_index(names="sales_band")

    def sellers_still_active(self) -> pd.DataFrame:
        """Question 58: the set of months of each seller."""
        items = self.marts.items
        sold = items[items["is_sale"]]
        months = first_of_month(sold["order_day"]).groupby(sold["seller_id"]).agg(set)
        complete = self.route.complete_months
        cohorts: dict[pd.Timestamp, list[set[pd.Timestamp]]] = {}
        for selling in months:
            if min(selling) in complete:
                cohorts.setdefault(min(selling), []).append(selling)
        rows = []
        for first, members in cohorts.items():
            row: dict[str, object] = {
                "first_sale_month": first,
                "num_new_sellers": len(members),
            }
            for until in (6, 12):
                wanted = {first + pd.DateOffset(months=until - back) for back in range(3)}
                is_over = first + pd.DateOffset(months=until) <= complete[-1]
                active = sum(1 for selling in members if selling & wanted)
                row[f"num_active_after_{until}_months"] = active if is_over else None
                row[f"active_after_{until}_months_rate"] = (
                    active / len(members) if is_over else None
                )
            rows.append(row)
        answer = pd.DataFrame(rows)
        for until in (6, 12):
            name = f"num_active_after_{until}_months"
            over = answer[answer[name].notna()]
            sums = over[[name, "num_new_sellers"]].sum().to_frame().T
            bounds = interval_of_shares(sums[name], sums["num_new_sellers"]).loc[0]
            answer[f"finding_num_followed_{until}"] = sums["num_new_sellers"].item()
            answer[f"all_active_after_{until}_months_rate"] = (
                sums[name].item() / sums["num_new_sellers"].item()
            )
            answer[f"finding_low_{until}_rate"] = bounds["low"]
            answer[f"finding_high_{until}_rate"] = bounds["high"]
        return answer

    # Geography.

    def revenue_by_state(self) -> pd.DataFrame:
        """Question 61."""
        sales = self.marts.sales
        sums = (
            sales.assign(with_items=sales["has_items"].astype("int64"))
            .groupby(["state", "region"], as_index=False)
            .agg(
                num_sales=("order_id", "size"),
                with_items=("with_items", "sum"),
                freight=("freight_amount", "sum"),
                revenue_amount=("revenue_amount", "sum"),
            )
        )
        total = sums["revenue_amount"].sum()
        of_region = sums.groupby("region")["revenue_amount"].transform("sum")
        return sums.assign(
            revenue_rate=sums["revenue_amount"] / total,
            region_revenue_rate=of_region / total,
            average_order_value=ratio(sums["revenue_amount"] / 100, sums["with_items"]),
            freight_rate=ratio(sums["freight"], sums["revenue_amount"]),
        )

    def metropolitan_penetration(self) -> pd.DataFrame:
        """Question 66: the cities by name, all of the Federal District as Brasília."""
        states = {row["state"]: int(row["population"]) for row in _seed("brazilian_states")}
        region_of = {
            (row["state"], _plain(row["city"])): row["metropolitan_region"]
            for row in _seed("metropolitan_municipalities")
        }
        regions = {
            row["place"]: row
            for row in _seed("urban_populations")
            if row["place_type"] == "metropolitan region"
        }
        places = self.flows.places
        places = places[places["state"].isin(states)]
        region = [
            region_of.get((state, "brasilia" if state == "DF" else _plain(city)))
            for state, city in zip(places["state"], places["city"], strict=True)
        ]
        all_rate = 1000 * places["num_customers_12m"].sum() / sum(states.values())
        sums = places.groupby(pd.Series(region, index=places.index)).sum(numeric_only=True)
        people = pd.Series({name: int(row["population"]) for name, row in regions.items()})
        people = people.reindex(sums.index)
        per_thousand = 1000 * sums["num_customers_12m"] / people
        bounds = 1000 * interval_of_shares(sums["num_customers_12m"], people)
        return pd.DataFrame(
            {
                "state": [regions[name]["state"] for name in sums.index],
                "population": people,
                "num_customers_12m": sums["num_customers_12m"],
                "customers_per_thousand_people": per_thousand,
                "low_customers_per_thousand": bounds["low"],
                "high_customers_per_thousand": bounds["high"],
                "all_customers_per_thousand_people": all_rate,
                "penetration_index": per_thousand / all_rate,
                "num_sales": sums["num_sales"],
                "revenue_12m_amount": sums["revenue_12m_amount"],
                "revenue_per_thousand_people_amount": 10 * sums["revenue_12m_amount"] / people,
                "average_delivery_days": ratio(
                    sums["sum_delivery_days"], sums["num_delivered"]
                ),
                "average_review_score": ratio(sums["sum_review_score"], sums["num_reviews"]),
            }
        ).reset_index(names="metropolitan_region")

    def growth_by_state(self) -> pd.DataFrame:
        """Question 67."""
        sales = self.marts.sales
        complete = self.route.complete_months
        spans = {}
        for name, months_ago in (("recent", 0), ("previous", 12)):
            last = complete[-1] - pd.DateOffset(months=months_ago)
            wanted = {last - pd.DateOffset(months=back) for back in range(6)}
            inside = sales[sales["order_month"].isin(wanted & set(complete))]
            sums = inside.groupby(["state", "region"])["revenue_amount"].agg(["size", "sum"])
            spans[name] = sums.add_suffix(f"_{name}")
        both = spans["recent"].join(spans["previous"], how="outer")
        both = both.fillna(0).astype("int64").reset_index()
        added = both["sum_recent"] - both["sum_previous"]
        of_region = pd.DataFrame({"added": added, "base": both["sum_previous"]}).groupby(
            both["region"]
        )
        answer = pd.DataFrame(
            {
                "state": both["state"],
                "region": both["region"],
                "num_months": 6,
                "previous_num_sales": both["size_previous"],
                "num_sales": both["size_recent"],
                "previous_revenue_amount": both["sum_previous"],
                "revenue_amount": both["sum_recent"],
                "added_revenue_amount": added,
                "growth_rate": ratio(added, both["sum_previous"]),
                "region_growth_rate": ratio(
                    of_region["added"].transform("sum"), of_region["base"].transform("sum")
                ),
                "all_growth_rate": added.sum() / both["sum_previous"].sum(),
                "sales_growth_rate": ratio(
                    both["size_recent"] - both["size_previous"], both["size_previous"]
                ),
                "all_sales_growth_rate": both["size_recent"].sum() / both["size_previous"].sum()
                - 1,
                "min_sales": MIN_FOR_GROWTH,
            }
        )
        least = answer[["num_sales", "previous_num_sales"]].min(axis="columns")
        rate = (
            answer["num_sales"].sum() / answer[["num_sales", "previous_num_sales"]].sum().sum()
        )
        listed = growth_of(
            answer[least >= MIN_VOLUME],
            ("num_sales", "previous_num_sales"),
            rate,
            MIN_FOR_GROWTH,
        )
        return listed.assign(finding_num_tested=(least >= MIN_FOR_GROWTH).sum())

    # Marketing and acquisition.

    def first_categories(self) -> pd.DataFrame:
        """Question 74."""
        persons = self.customers.customers
        persons = persons[persons["first_category"].notna()]
        sums = persons.groupby("first_category").agg(
            num_customers=("customer_unique_id", "size"),
            num_repeat_customers=("is_repeat_customer", "sum"),
            reviewed=("num_reviewed_orders", "sum"),
            stars=("sum_review_score", "sum"),
            revenue_amount=("revenue_amount", "sum"),
        )
        sums = sums.reset_index(names="category_name_english").sort_values(
            ["num_customers", "category_name_english"], ascending=[False, True]
        )
        everyone = sums["num_customers"].sum()
        bounds = interval_of_shares(sums["num_repeat_customers"], sums["num_customers"])
        is_tested = sums["num_customers"] >= 100
        corrected = adjusted(
            p_values(
                sums["num_repeat_customers"][is_tested],
                sums["num_customers"][is_tested],
                sums["num_repeat_customers"].sum() / everyone,
            )
        ).reindex(sums.index)
        return sums.assign(
            low_repeat_rate=bounds["low"],
            high_repeat_rate=bounds["high"],
            adjusted_p_value=corrected,
            is_discovery=corrected <= DISCOVERY_RATE,
            customer_rate=sums["num_customers"] / everyone,
            cumulative_customer_rate=sums["num_customers"].cumsum() / everyone,
            repeat_rate=sums["num_repeat_customers"] / sums["num_customers"],
            all_repeat_rate=sums["num_repeat_customers"].sum() / everyone,
            revenue_per_customer_amount=sums["revenue_amount"] / 100 / sums["num_customers"],
            average_review_score=ratio(sums["stars"], sums["reviewed"]),
        )

    def kinds_of_sales(self) -> pd.DataFrame:
        """Question 75: by the day of the sale and on how many days its customer bought."""
        sales = self.marts.sales
        days = sales.groupby("customer_unique_id")["day_number"].transform("max")
        kind = pd.Series("later day", index=sales.index)
        kind[(sales["day_number"] == 1) & (days > 1)] = "first day"
        kind[(sales["day_number"] == 1) & (days == 1)] = "not returned"
        sums = sales.groupby(kind).agg(
            num_sales=("order_id", "size"),
            with_items=("has_items", "sum"),
            items=("num_items", "sum"),
            average_installments=("max_installments", "mean"),
            average_review_score=("review_score", "mean"),
            delivered=("is_delivered", "sum"),
            late=("is_late", "sum"),
            freight=("freight_amount", "sum"),
            revenue_amount=("revenue_amount", "sum"),
        )
        with_items = sales[sales["has_items"]]
        bounds = interval_of_means(
            (with_items["revenue_amount"] / 100).groupby(kind[with_items.index])
        )
        return sums.assign(
            low_order_value_amount=bounds["low"],
            high_order_value_amount=bounds["high"],
            order_rate=sums["num_sales"] / sums["num_sales"].sum(),
            revenue_rate=sums["revenue_amount"] / sums["revenue_amount"].sum(),
            average_order_value=sums["revenue_amount"] / 100 / sums["with_items"],
            average_items=sums["items"] / sums["with_items"],
            freight_rate=sums["freight"] / sums["revenue_amount"],
            late_rate=sums["late"] / sums["delivered"],
        ).reset_index(names="order_kind")

    def bought_together(self) -> pd.DataFrame:
        """Question 78: the basket of each order, pair by pair."""
        items = self.marts.items
        sold = items[items["is_sale"]].drop_duplicates(["order_id", "product_id"])
        category_of = dict(zip(sold["product_id"], sold["category"], strict=True))
        is_multi = sold.groupby("order_id").size() > 1
        rows = []
        for kind, column, least, most in (
            ("products", "product_id", 5, 20),
            ("categories", "category", 10, 50),
        ):
            known = sold[sold[column] != "Unknown"].drop_duplicates(["order_id", column])
            pairs: Counter[tuple[str, str]] = Counter()
            for basket in known.groupby("order_id")[column].agg(list):
                pairs.update(combinations(sorted(basket), 2))
            number = known[column].value_counts()
            inside = known[known["order_id"].map(is_multi)][column].value_counts()
            frequent = sorted(
                (-count, a, b) for (a, b), count in pairs.items() if count >= least
            )
            rows += [
                {
                    "pair_kind": kind,
                    "item_a": a,
                    "item_b": b,
                    "category_a": category_of.get(a, a),
                    "category_b": category_of.get(b, b),
                    "num_orders_together": -count,
                    "inside": inside[a] * inside[b],
                    "all": number[a] * number[b],
                    "confidence_a_rate": -count / number[a],
                    "confidence_b_rate": -count / number[b],
                    "is_shown": place < most,
                }
                for place, (count, a, b) in enumerate(frequent)
            ]
        answer = pd.DataFrame(rows)
        together, multi, sales = answer["num_orders_together"], is_multi.sum(), len(is_multi)
        corrected = adjusted(
            p_values(together, pd.Series(multi, answer.index), answer["inside"] / multi**2)
        )
        answer = answer.assign(
            support_rate=together / sales,
            lift=together * multi / answer["inside"],
            lift_all_orders=together * sales / answer["all"],
            adjusted_p_value=corrected,
            is_together=(corrected <= DISCOVERY_RATE) & (together > answer["inside"] / multi),
        )
        return answer[answer["is_shown"]].assign(finding_multi_product_rate=multi / sales)


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _plain(text: str) -> str:
    """A name in lower case, its accents taken off."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
