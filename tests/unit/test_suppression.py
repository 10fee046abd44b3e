from hypothesis import given
from hypothesis import strategies as st

from domain.suppression import Shown, disclosure_risk, show_sum, show_table


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
