"""One request, understood: who asks, the state of its query, and the ``meta`` every answer carries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from api.problems import NotReady
from api.shapes import IgnoredPart, Meta, Note, Text
from data.queries.catalogue import ZoneInfo, catalogue
from data.queries.question import Question
from domain import words
from domain.filters import Facet
from domain.viewer import Viewer
from domain.viewstate import Scope
from i18n import translate

#: Scope of an answer that is not divided among units. Another one asked for is answered in this one, and it says so.
SCOPE = Scope.TERRITORIAL

MARKS = {code: Text(zh=word, en=translate(word, "en")) for code, word in words.PROVENANCES.items()}

_NOTES = {
    "no_data": ("这个数据集还没有数据", "This data set has no data yet"),
    "scope_not_answered": (
        "这里的数字为在地口径,未按所选口径换算;自带口径的除外",
        "Figures are in the territorial scope, not converted to the scope asked for, but those that say their own",
    ),
    "not_filterable": ("这些条件不影响本结果", "These conditions do not restrict this answer"),
    "land_not_filterable": (
        "用地和载体只随园区和区县筛选",
        "Land and carriers are restricted by zone and district only",
    ),
    "as_is": (
        "用地与载体单元没有历史,为现状(见数据月份)",
        "Land and units of carriers have no history: they are as of the month of the data",
    ),
    "withheld": ("客户模式仅公开数据", "A prospect gets published figures only"),
    "leads_hidden": ("签约前项目不向当前角色列出", "Projects before signing are not listed for this role"),
    "without_zone": (
        "有公开项目未说明所在园区,未计入",
        "Published projects whose zone is not stated are not counted",
    ),
    "land_chain_by_zone": (
        "开发率×供应率×建成率只随园区筛选",
        "Development × supply × completion is restricted by zone only",
    ),
    "park_decides": ("园区由地址决定", "The address decides the park and its scheme"),
}


def note(code: str, params: Collection[str] = ()) -> Note:
    """The note of that code. Raises KeyError for an unknown one."""
    zh, en = _NOTES[code]
    return Note(code=code, params=sorted(params), zh=zh, en=en)


@dataclass(frozen=True)
class Asked(Question):
    """The question of a request. `scope` is that of the answer; `notes` hold for every part of it."""

    scope: Scope = SCOPE
    notes: tuple[Note, ...] = ()

    @classmethod
    def understood(
        cls,
        session: Session,
        viewer: Viewer,
        search: str,
        *,
        facets: Collection[Facet],
        own: Collection[str],
        scoped: bool = False,
    ) -> Asked:
        """Understand the query string `search`. `facets` are those that restrict the answer, `own` the parameters read
        by the caller; `scoped` answers use the scope asked for. Raises NotReady when the database is not filled."""
        known = catalogue(session)
        if not known.schemes:
            raise NotReady
        question = Question.asked(session, viewer, search, own=own)
        notes = []
        if question.state.dataset not in known.filled:
            notes.append(note("no_data", ["data"]))
        unused = {c.facet.value for c in question.filter.clauses if c.facet not in facets}
        if unused:
            notes.append(note("not_filterable", unused))
        asked = cls(**vars(question), scope=question.state.scope, notes=tuple(notes))
        return asked if scoped else asked.territorial()

    def territorial(self) -> Asked:
        """The same request answered in the territorial scope; says so where another one was asked for (rules §4.2)."""
        if self.scope is SCOPE:
            return self
        return replace(self, scope=SCOPE, notes=(note("scope_not_answered", ["scope"]), *self.notes))

    def for_zone(self, zone: ZoneInfo) -> Asked:
        """The same request about one zone, whatever zone or scheme the query names."""
        other = {
            name
            for name, given in (("zone", self.state.zones), ("scheme", self.state.scheme))
            if given and given not in ((zone.code,), zone.scheme)
        }
        notes = tuple(n for n in self.notes if n.params != ["zone"])
        if other:
            notes += (note("park_decides", other),)
        return replace(self.with_(zones=(zone.code,), scheme=zone.scheme), notes=notes)

    def for_chain(self, code: str) -> Asked:
        """The same request about one chain, whatever chain the query names."""
        return self.with_(chains=(code,), nodes=())

    def meta(self, *notes: Note) -> Meta:
        """What the answer is about; `notes` are added to those of the request."""
        return Meta(
            data_version=self.known.data_version,
            dataset=self.state.dataset.value,
            provenance=self.at.provenance,
            mark=MARKS[self.at.provenance],
            scheme=self.at.scheme,
            zones=list(self.at.chosen),
            period=self.at.period,
            scope=self.scope.value,
            by=self.at.by.value,
            role=self.viewer.role.value,
            ignored=[IgnoredPart(param=i.param, value=i.value, why=i.reason) for i in self.ignored],
            notes=[*self.notes, *notes],
        )
