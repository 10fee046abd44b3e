"""In what condition the program is: what the database holds, what the map shows, and what a reader is told of the difference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.exc import DatabaseError

from data import models as m
from data import store
from data.db import read_session
from data.queries.catalogue import data_version
from i18n import N_, _
from layers import keeper
from layers.tiles import shown_version, tile_store
from settings import get_settings

#: Reasons of the operating system that a page can say in the reader's language.
_REASONS = {
    "No space left on device": N_("磁盘已满"),
    "Read-only file system": N_("磁盘只读"),
    "Permission denied": N_("没有写入权限"),
}


@dataclass(frozen=True)
class Condition:
    """`stored` is the data version of the database (None: it does not answer), `shown` the newest whose tiles are whole.

    `ready`: the program can answer and has a map, if of an older version. `building` is how far the tiles are, None when
    the map is up to date. `problems` are for who runs the server, one line each that ends with what mends it; `notice` is
    what a page tells its reader, in the language of the request, "" when there is nothing to tell.
    """

    stored: int | None
    shown: int | None
    filled: bool
    ready: bool
    building: keeper.Told | None
    problems: tuple[str, ...]
    notice: str


def condition() -> Condition:
    """The condition at this moment. Raises nothing: what is wrong is in it."""
    problems: list[str] = []
    stored: int | None = None
    shown: int | None = None
    filled = False
    said = keeper.told()
    if said.damage:
        path = Path(make_url(get_settings().sqlalchemy_url).database or "")
        problems.append(str(store.damaged(path, said.damage)))
    try:
        with read_session() as session:
            stored = data_version(session)
            filled = session.scalar(select(m.Meta.value).where(m.Meta.key == "state")) == store.COMPLETE
            shown = shown_version(session)
    except DatabaseError as error:
        filled = False
        if not said.damage:
            problems.append(_why_unusable(error))
    else:
        if not filled:
            problems.append(f"The database is only partly filled. Mend it with: {store.INIT_COMMAND}")
    building = None
    if stored is not None and shown != stored:
        building = said if said.version == stored else keeper.Told()
        if shown is None:
            problems.append(str(tile_store().problem(stored)))
        if building.reason:
            problems.append(f"The tiles of data version {stored} could not be built: {building.reason}")
    usable = filled and not said.damage
    return Condition(
        stored, shown, filled, usable and shown is not None, building, tuple(problems), _notice(usable, building)
    )


def _why_unusable(error: DatabaseError) -> str:
    """What keeps the database from answering, with the command that mends it."""
    try:
        store.check(get_settings())
    except store.DatabaseProblem as problem:
        return str(problem)
    return f"The database did not answer ({error.orig})."


def _notice(usable: bool, building: keeper.Told | None) -> str:
    if not usable:
        return _("数据库无法使用,画面为最后一次成功的内容;原因与处理办法见 /healthz")
    if building is None:
        return ""
    if not building.reason:
        return _("新数据已入库,地图正在更新,画面暂为上一版")
    reason = next((_(text) for words, text in _REASONS.items() if words in building.reason), building.reason)
    return _("新数据已入库,地图未能更新({reason}),画面暂为上一版;系统会自动重试", reason=reason)
