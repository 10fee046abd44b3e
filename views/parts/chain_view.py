"""What the chains page reads for a state, and the words its blocks share (rules §5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dash import html

from data.queries import gate
from data.queries.catalogue import Catalogue, ChainInfo, Node
from data.queries.chain_nodes import ChainFigures, NodeFigures, chain_edges, chain_figures
from data.queries.chains import ChainBoard, chain_boards
from data.queries.investment_catalogue import CatalogueEntry, SupplyDemand, investment_catalogue, supply_demand
from data.queries.question import Question
from domain.chains import NODE_STATE_NAMES, NodeAssessment, NodeState
from domain.reasons import REASON_WORDS
from domain.viewstate import ViewState, to_query
from i18n import _, pick
from views.parts.format import NONE, SUPPRESSED, money, number

PATH = "/chains"
STATES = NODE_STATE_NAMES

_CRITICAL = 3  # highest criticality of a node (rules §5.1)


@dataclass(frozen=True)
class View:
    """What every block of the page needs for a state, read once per answer.

    `open` is False for who may not see totals.
    """

    question: Question
    chain: ChainInfo
    node: Node | None
    edges: tuple[tuple[str, str], ...]
    boards: tuple[ChainBoard, ...]
    figures: ChainFigures | None
    open: bool

    @property
    def state(self) -> ViewState:
        """The state on screen."""
        return self.question.state

    @property
    def known(self) -> Catalogue:
        """What exists."""
        return self.question.known

    @property
    def board(self) -> ChainBoard:
        """The chain on screen, assessed."""
        return next(b for b in self.boards if b.chain.code == self.chain.code)

    @cached_property
    def gaps(self) -> tuple[CatalogueEntry, ...]:
        """The 一体化招商目录 of all chains; empty where nothing may or can be assessed."""
        return () if self.reason else investment_catalogue(self.unfiltered)

    @cached_property
    def supply(self) -> dict[str, SupplyDemand]:
        """Supply and demand by node."""
        found = () if self.reason else supply_demand(self.unfiltered)
        return {s.node.id: s for s in found}

    @property
    def reason(self) -> str | None:
        """Why no node is assessed; None when they are."""
        if not self.open:
            return _(REASON_WORDS["withheld"])
        unknown = self.board.reason
        return None if unknown is None else _(REASON_WORDS[unknown])

    @cached_property
    def unfiltered(self) -> Question:
        """The question without its chain: on this page the chain decides what is looked at, not what is left out."""
        return self.question.with_(chains=(), nodes=())


def chosen(question: Question) -> tuple[ChainInfo, Node | None]:
    """Chain on screen, and the node whose panel is open.

    The first chain named in the URL; else the chain of the first node named there; else the lead chain of the only
    zone chosen; else the first of the taxonomy.
    """
    state, known = question.state, question.known
    if state.chains:
        code = next(c for c in known.chains if c in state.chains)
        return known.chains[code], None
    if state.nodes:
        node = next(n for n in known.nodes.values() if n.id in state.nodes)
        return known.chains[node.chain], node
    zones = question.at.chosen
    leading = known.zones[zones[0]].leading_chains if len(zones) == 1 else ()
    return known.chains[next((c for c in leading if c in known.chains), next(iter(known.chains)))], None


def read(question: Question) -> View:
    """Read what the page shows."""
    chain, node = chosen(question)
    is_open = gate.may_see_totals(question.viewer, question.at.provenance)
    boards = chain_boards(question) if is_open else ()
    return View(
        question,
        chain,
        node,
        chain_edges(question.session, chain.code),
        boards,
        chain_figures(question, chain.code),
        is_open,
    )


def address(state: ViewState, *, chain: str = "", node: str = "") -> str:
    """This page with another chain, or with the panel of a node."""
    chains, nodes = ((chain,) if chain else ()), ((node,) if node else ())
    query = to_query(state.away().with_(chains=chains, nodes=nodes))
    return PATH + (f"?{query}" if query else "")


def name_of(item: ChainInfo | Node) -> str:
    return pick(item.name_zh, item.name_en)


def strength_text(found: NodeAssessment) -> str:
    """Strength of a node in digits; ＊ where it would give the output of single firms away (rules §2.6.4)."""
    if found.reason == "suppressed":
        return SUPPRESSED
    return number(found.strength)


def state_words(found: NodeAssessment | None) -> str:
    if found is None:
        return NONE
    return _(STATES[found.state]) if found.state else _("产值未报")


def state_counts(board: ChainBoard) -> list[tuple[NodeState, int]]:
    """How many nodes of a chain are in each state, strong first; states without a node are left out."""
    counts = [(state, sum(1 for _node, found in board.nodes if found.state is state)) for state in STATES]
    return [(state, n) for state, n in counts if n]


def state_mark(state: str) -> html.Span:
    """A state as a swatch, which stands before its word."""
    return html.Span(className=f"state-mark state-of--{state}", **{"aria-hidden": "true"})


def output_text(figures: NodeFigures) -> str:
    """Output of a node, or why it is not shown."""
    if figures.reason == "suppressed":
        return f"＊{_(REASON_WORDS['suppressed'])}"
    if figures.reason == "none_above_scale":
        return _("无规上企业")
    return _("产值未报") if figures.output_wan is None else money(figures.output_wan)


def dots(criticality: int) -> html.Span:
    """Criticality as filled dots of three."""
    words = _("重要度 {n}/{all}", n=criticality, all=_CRITICAL)
    return html.Span(
        "●" * criticality + "○" * (_CRITICAL - criticality), className="dots", title=words, **{"aria-label": words}
    )
