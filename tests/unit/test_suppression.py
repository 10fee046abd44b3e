import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.suppression import Blocks, Member, Weight, join_unsafe


@pytest.mark.parametrize(
    ("amounts", "safe"),
    [
        ((10, 10), False),  # fewer than three firms
        ((10, 10, 10), True),
        ((86, 7, 7), False),  # one above 85 %
        ((85, 8, 7), True),
        ((10, 10, 0), False),  # who contributes nothing hides nobody
        ((-90, 5, 5), False),  # amounts count by size
        ((), True),  # of nobody there is nothing to give away
    ],
)
def test_a_sum_may_be_shown_of_three_firms_none_of_which_is_nearly_all_of_it(amounts, safe):
    assert Weight.of(amounts).safe is safe


def may_be_shown(amounts):
    """The rule written a second time (rules §2.6.4)."""
    sizes = sorted(abs(a) for a in amounts if a)
    return len(sizes) >= 3 and 100 * sizes[-1] <= 85 * sum(sizes)


members = st.lists(
    st.builds(
        lambda amounts, cells: (amounts, cells),
        st.tuples(st.integers(-50, 1000)),
        st.tuples(st.sampled_from("XYZ"), st.sampled_from("ab"), st.sampled_from(["", "c", "c d"])),
    ),
    max_size=40,
)


@given(members)
def test_blocks_part_the_firms_and_every_block_that_is_open_may_be_shown(drawn):
    made = [Member(f"f{i}", amounts, cells) for i, (amounts, cells) in enumerate(drawn)]
    found = Blocks.of(made)
    inside = [firm for block, _open in found.parts for firm in block]
    assert sorted(inside) == sorted(m.id for m in made if any(m.amounts))
    amounts = {m.id: m.amounts[0] for m in made}
    for block, is_open in found.parts:
        assert is_open == may_be_shown([amounts[firm] for firm in block])
        assert found.admit(block) == is_open
        if is_open and len(block) > 1:
            assert not found.admit(set(block) - {min(block)})


@given(st.dictionaries(st.sampled_from("pqrstuvw"), st.lists(st.integers(1, 1000), min_size=1, max_size=6), max_size=6))
def test_an_unsafe_cell_is_joined_until_only_safe_groups_or_one_are_left(cells):
    weights = {key: (Weight.of(amounts),) for key, amounts in cells.items()}
    groups = join_unsafe(weights)
    assert sorted(key for group in groups for key in group) == sorted(cells)
    assert join_unsafe(dict(reversed(weights.items()))) == groups
    if len(groups) > 1:
        for group in groups:
            assert sum((weights[key][0] for key in group), Weight(0, 0, 0)).safe


def test_three_cells_of_which_one_is_unsafe_leave_two_groups():
    cells = {"A": Weight.of([5, 5]), "B": Weight.of([9, 9, 9]), "C": Weight.of([9, 9, 9, 9])}
    assert join_unsafe({key: (weight,) for key, weight in cells.items()}) == [frozenset("C"), frozenset("AB")]
