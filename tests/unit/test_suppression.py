from hypothesis import given
from hypothesis import strategies as st

from domain.suppression import Blocks, Member, Shown, Weight, disclosure_risk, join_unsafe, show_sum, show_table


def firms(*amounts: int, prefix: str = "f") -> dict[str, int]:
    return {f"{prefix}{number}": amount for number, amount in enumerate(amounts)}


def test_t16_fewer_than_three_firms_are_hidden():
    assert show_sum(firms(10, 10)) == Shown(None, "few")
    assert show_sum(firms(10, 10, 10)) == Shown(30)


def test_one_firm_above_85_percent_is_hidden_and_at_85_percent_shown():
    assert disclosure_risk(firms(86, 7, 7)) == "dominance"
    assert disclosure_risk(firms(85, 8, 7)) is None


def test_a_firm_that_contributes_nothing_hides_nobody():
    assert disclosure_risk(firms(10, 10, 0)) == "few"


def test_negative_amounts_count_by_size():
    assert disclosure_risk(firms(-90, 5, 5)) == "dominance"


def test_an_empty_cell_gives_nobody_away():
    assert show_sum({}) == Shown(0)


def test_a_hidden_cell_cannot_be_found_by_subtraction_from_the_total():
    table = show_table(
        {"A": firms(10, 20, prefix="a"), "B": firms(50, 50, 50, prefix="b"), "C": firms(9, 9, 9, prefix="c")}
    )
    assert table.cells == {"A": Shown(None, "few"), "B": Shown(150), "C": Shown(None, "secondary")}
    assert table.total == Shown(207)


def test_two_hidden_cells_that_protect_each_other_need_no_third():
    table = show_table(
        {"A": firms(10, 20, prefix="a"), "B": firms(10, 20, prefix="b"), "C": firms(9, 9, 9, prefix="c")}
    )
    assert table.cells["C"] == Shown(27)
    assert table.total == Shown(87)


def test_the_same_firm_in_two_cells_is_one_contributor():
    table = show_table({"A": firms(10, 20), "B": firms(10, 20), "C": firms(9, 9, 9, prefix="c")})
    assert table.cells["C"] == Shown(None, "secondary")


def test_a_total_that_gives_one_away_is_hidden_and_nothing_else_must_be():
    table = show_table({"A": {"a": 1000}, "B": firms(5, 5, 5, prefix="b")})
    assert table.total == Shown(None, "dominance")
    assert table.cells == {"A": Shown(None, "few"), "B": Shown(15)}


amounts = st.dictionaries(st.sampled_from("pqrstuvw"), st.integers(1, 1000), max_size=6)


@given(st.dictionaries(st.sampled_from("ABCDE"), amounts, max_size=5))
def test_what_can_be_subtracted_always_passes_the_test_itself(cells):
    table = show_table(cells)
    hidden = [key for key, cell in table.cells.items() if cell.value is None]
    assert all(disclosure_risk(cells[key]) is None for key in cells if key not in hidden)
    if hidden and table.total.value is not None:
        pool: dict[str, int] = {}
        for key in hidden:
            for firm, amount in cells[key].items():
                pool[firm] = pool.get(firm, 0) + amount
        assert table.total.value - sum(cell.value or 0 for cell in table.cells.values()) == sum(pool.values())
        assert disclosure_risk(pool) is None


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
        assert is_open == (disclosure_risk({firm: amounts[firm] for firm in block}) is None)
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
