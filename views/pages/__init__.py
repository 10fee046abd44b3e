"""The pages, in the order of the navigation. Adding one is a module with a `PAGE` and one line here."""

from __future__ import annotations

from settings import get_settings
from views import shell
from views.page import Page, Part
from views.pages import chains, data, design, ledger, park, per_mu, project, projects, wall

PAGES: tuple[Page, ...] = (
    wall.PAGE,
    projects.PAGE,
    chains.PAGE,
    ledger.PAGE,
    per_mu.PAGE,
    data.PAGE,
    park.PAGE,
    project.PAGE,
    *((design.PAGE,) if get_settings().debug else ()),
)

#: What the parts of the header follow.
HEADER = frozenset({"scope", "by"})
#: Parts of the frame that pages share.
FRAME = (
    Part("filter-chips", wall.filter_chips),
    Part(
        "status-line",
        lambda question: shell.status_line(question, wall.data_status(question)),
        HEADER,
    ),
    Part("context-panel", shell.context_panel, HEADER),
    Part("ignored-host", lambda question: shell.ignored_notice(question.ignored)),
)


def page_at(path: str | None) -> tuple[Page, str] | None:
    """The page at a path and the code that the path ends in ("" for none); None where there is no page."""
    found = ((page, page.code_in(path)) for page in PAGES)
    return next(((page, code) for page, code in found if code is not None), None)
