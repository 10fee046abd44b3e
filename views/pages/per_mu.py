"""Per-mu evaluation (`/per-mu`): a year, a method to try out, who changes class; park values; land in use (rules §3.4, §7.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.idle_land import idle_list, land_chains
from data.queries.per_mu import PerMu, evaluated_years, per_mu
from data.queries.question import Question
from domain.per_mu import ANHUI_CUTOFFS, SICHUAN, ScoreFn
from i18n import N_, _
from views import shell
from views.page import Page, Part, insiders
from views.pages.chains import zone_control
from views.pages.desk import page_head
from views.pages.wall import data_status
from views.parts import land_blocks, per_mu_blocks
from views.parts.block import unfollowed
from views.parts.per_mu_blocks import INDICATORS

PATH = "/per-mu"
SCORE_FNS: dict[str, str] = {
    "benchmark_capped": N_("比基准,封顶 1.5 倍"),
    "benchmark_ratio": N_("比基准,不封顶"),
    "minmax_20_80": N_("极差 20–100"),
}
QUOTAS: dict[str, tuple[str, tuple[tuple[str, int], ...]]] = {
    "sichuan": (N_("A 30% · B 60% · C 10%"), SICHUAN.cutoffs),
    "anhui": (N_("A 25% · B 45% · C 25% · D 5%"), ANHUI_CUTOFFS),
}
DEFAULT_WEIGHTS = {i.key: i.weight for i in SICHUAN.indicators}
_MOST = 40  # points a slider reaches


@dataclass(frozen=True)
class Trial:
    """What the reader tries out; it belongs to the reader and not to a link. None and empty mean Sichuan's default."""

    year: int | None = None
    score_fn: ScoreFn = SICHUAN.score_fn
    quota: str = "sichuan"
    weights: Mapping[str, float] = field(default_factory=dict)
    page: int = 1


def trial_of(year: Any, score_fn: Any, quota: Any, weights: Mapping[str, Any], page: Any) -> Trial:
    """A trial from what the browser sent; whatever is not understood becomes the default."""

    def whole(value: Any) -> int | None:
        return int(value) if str(value or "").isdecimal() else None

    known = {
        key: float(min(max(value, 0), _MOST))
        for key, value in weights.items()
        if key in DEFAULT_WEIGHTS and isinstance(value, int | float)
    }
    return Trial(
        whole(year),
        score_fn if score_fn in get_args(ScoreFn) else SICHUAN.score_fn,
        quota if quota in QUOTAS else "sichuan",
        known,
        whole(page) or 1,
    )


def years(question: Question) -> tuple[int, ...]:
    """Years that can be chosen, newest first."""
    at = question.at
    return evaluated_years(question.session, at) if gate.may_see_totals(question.viewer, at.provenance) else ()


def evaluation(question: Question, trial: Trial) -> PerMu:
    """The evaluation of a trial; a year that the data set lacks becomes its newest."""
    year = trial.year if trial.year in years(question) else None
    return per_mu(
        question, year=year, weights=dict(trial.weights), score_fn=trial.score_fn, cutoffs=QUOTAS[trial.quota][1]
    )


def results(question: Question, trial: Trial) -> tuple[dict[str, Component | str], int]:
    """Blocks that follow the trial, by the id of their place, and the pages of the firm table."""
    weights = DEFAULT_WEIGHTS | dict(trial.weights)
    found = evaluation(question, trial)
    if not any(weights.values()):
        empty = html.Div(per_mu_blocks.reason_line(_("权重全为零,不能评价"), _("给至少一项指标权重")))
        blocks: dict[str, Component | str] = dict.fromkeys(
            ("mu-answer", "mu-classes", "mu-spread", "mu-moved", "mu-firms"), empty
        )
    else:
        blocks = {
            "mu-answer": html.Div([per_mu_blocks.answer(question.known, found), _in_force(found, weights)]),
            "mu-classes": per_mu_blocks.classes(question.known, found),
            "mu-spread": per_mu_blocks.spread(found),
            "mu-moved": per_mu_blocks.moved(question.known, found),
            "mu-firms": per_mu_blocks.firms(question.known, found, trial.page),
        }
    blocks["mu-parks"] = per_mu_blocks.parks(question.known, found)
    blocks["mu-method"] = html.Span(_("四川默认方法") if found.is_default else _("试算中"))
    return blocks, per_mu_blocks.pages_of(found)


def _pager(total: int) -> dmc.Pagination:
    return dmc.Pagination(
        id="mu-page", total=total, value=1, size="sm", hideWithOnePage=True, **{"aria-label": _("企业表分页")}
    )


def _in_force(found: PerMu, weights: Mapping[str, float]) -> html.P:
    """What is in force: Sichuan's default, or a trial and how far it goes."""
    points = sum(weights.values())
    words = _("四川默认方法:五项统一指标 70 分,其余 30 分由园区自定,未计入") if found.is_default else _(
        "试算,不改动任何正式结果 · 权重合计 {n} 分", n=_plain(points)
    )  # fmt: skip
    return html.P(words, className="note" + ("" if found.is_default else " unfollowed"))


def _plain(value: float) -> str:
    return f"{value:g}"


def year_options(found: Sequence[int]) -> list[dict[str, str]]:
    """Options of the year control."""
    return [{"value": str(y), "label": _("{year} 年", year=y)} for y in found]


def _controls(found: Sequence[int]) -> html.Div:
    sliders = []
    for item in SICHUAN.indicators:
        name, _unit = INDICATORS[item.key]
        base = per_mu_blocks.value_words(item.key, item.base)
        sliders.append(
            html.Div(
                [
                    html.Div(
                        [
                            html.Span(_(name)),
                            html.Span(
                                _("基准 {base}", base=base),
                                className="quiet",
                            ),
                        ],
                        className="slider-head",
                    ),
                    dmc.Slider(
                        id={"mu-weight": item.key},
                        min=0,
                        max=_MOST,
                        step=1,
                        value=item.weight,
                        marks=[{"value": item.weight, "label": _plain(item.weight)}],
                        labelAlwaysOn=False,
                        thumbLabel=_("{name} 权重", name=_(name)),
                        updatemode="mouseup",
                        size="sm",
                    ),
                ],
                className="slider",
            )
        )
    return html.Div(
        [
            html.Div(
                [
                    dmc.Select(
                        id="mu-year",
                        label=_("评价年"),
                        data=year_options(found),
                        value=str(found[0]) if found else None,
                        placeholder=_("无年度数据"),
                        size="xs",
                        allowDeselect=False,
                        comboboxProps={"withinPortal": True},
                    ),
                    dmc.Select(
                        id="mu-score",
                        label=_("评分函数"),
                        data=[{"value": k, "label": _(v)} for k, v in SCORE_FNS.items()],
                        value=SICHUAN.score_fn,
                        size="xs",
                        allowDeselect=False,
                        comboboxProps={"withinPortal": True},
                    ),
                    dmc.Select(
                        id="mu-quota",
                        label=_("分级名额"),
                        data=[{"value": k, "label": _(v)} for k, (v, _cut) in QUOTAS.items()],
                        value="sichuan",
                        size="xs",
                        allowDeselect=False,
                        comboboxProps={"withinPortal": True},
                    ),
                ],
                className="trial-fields",
            ),
            html.H3(_("权重")),
            html.Div(sliders, className="sliders"),
            html.P(_("改动只在本页试算,不改正式结果;恢复后仍是四川默认方法"), className="note"),
            html.Button(_("恢复默认方法"), id="mu-reset", className="primary-link", type="button"),
        ]
    )


def _drawer(found: Sequence[int]) -> dmc.Drawer:
    """The method, in a drawer at the right; it closes by ×, Esc and a click outside, and the focus comes back."""
    return dmc.Drawer(
        _controls(found),
        id="mu-drawer",
        title=_("方法与试算"),
        position="right",
        size="min(560px, 92vw)",
        keepMounted=True,
        overlayProps={"backgroundOpacity": 0.4},
        closeButtonProps={"aria-label": _("关闭")},
        className="mu-drawer",
    )


def _method_button(words: Component | str) -> html.Button:
    return html.Button(
        [_("方法与试算"), html.Span(words, id="mu-method")],
        id="mu-open",
        className="facet-button mu-open",
        type="button",
        **{"aria-haspopup": "dialog"},
    )


def page(question: Question) -> html.Div:
    """The whole page; callbacks/per_mu.py replaces its blocks."""
    built, pages = results(question, Trial())
    place = {name: html.Div(body, id=name) for name, body in built.items()} | PAGE.places(question)

    def card(name: str, *more: Component) -> html.Section:
        return html.Section([place[name], *more], className="card")

    switch = dmc.Switch(id="mu-shares", size="sm", label=_("按 100% 比构成"))

    main = html.Main(
        [
            page_head(
                _("亩均评价与土地"),
                _("每亩地产出多少,谁该升档降档,哪块地闲着"),
                _method_button(built["mu-method"]),
                zone_control(question),
            ),
            place["mu-unfollowed"],
            card("mu-answer"),
            html.Div([card("mu-classes", switch), card("mu-spread")], className="mu-row"),
            place["mu-moved"],
            card("mu-parks"),
            html.Section(
                [
                    html.Div(
                        [html.H2(_("企业")), html.Div(_pager(pages), className="controls")],
                        className="section-head",
                    ),
                    place["mu-firms"],
                ],
                className="card",
            ),
            card("mu-chain"),
            card("mu-idle"),
        ],
        className="park chains per-mu",
    )
    drawer = _drawer(years(question))
    return shell.page(question, PATH, data_status(question), main, drawer, look="page--park page--per-mu")


PAGE = Page(
    PATH,
    page,
    N_("亩均"),
    open_to=insiders,
    what=N_("企业每亩产出的评价与分类,以及闲置土地清单"),
    parts=(
        Part("mu-unfollowed", unfollowed),
        Part("mu-chain", lambda question: land_blocks.land_chain(question, land_chains(question))),
        Part("mu-idle", lambda question: land_blocks.idle(question, idle_list(question))),
    ),
)
