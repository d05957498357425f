"""How a dataset is cut into batches, and a count of the full size into their shares."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.sources.synthetic import calibration
from extract.sources.synthetic.generator import SMALLEST_SCALE, Batch, _batches

SCALES = st.floats(min_value=SMALLEST_SCALE, max_value=50)


@given(scale=SCALES)
def test_batches_follow_each_other_without_gap(scale: float) -> None:
    batches = list(_batches(scale))

    assert batches[0].first_order == 0
    assert batches[-1].last_order == round(calibration.ORDERS * scale)
    for before, after in pairwise(batches):
        assert after.first_order == before.last_order
        assert after.number == before.number + 1


@given(scale=SCALES)
def test_no_batch_is_too_small_for_a_dataset_or_much_larger_than_olist(scale: float) -> None:
    least = round(SMALLEST_SCALE * calibration.ORDERS)

    for batch in _batches(scale):
        assert least <= batch.last_order - batch.first_order <= calibration.ORDERS + least


@given(scale=SCALES, count=st.integers(min_value=0, max_value=2_000_000))
def test_shares_of_all_batches_add_up_to_the_share_of_the_whole(
    scale: float, count: int
) -> None:
    batches = list(_batches(scale))
    whole = Batch(number=0, first_order=0, last_order=batches[-1].last_order)

    assert sum(batch.share_of(count) for batch in batches) == whole.share_of(count)


@pytest.mark.parametrize("count", [1, 775, calibration.ORDERS, calibration.POINTS])
def test_at_scale_one_the_only_batch_has_the_full_count(count: int) -> None:
    (batch,) = _batches(1.0)

    assert batch.share_of(count) == count
