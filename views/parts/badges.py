"""Small marks used everywhere: lights, cross-district letters, provenance."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from dash import html

from domain import words
from domain.cross_district import KIND_NAMES
from i18n import _
from views.parts.format import LIGHT_MARK, LIGHTS


def light(value: str | None, *, word: bool = False) -> html.Span:
    """A light as shape and colour; "—" where no rule applies or the viewer may not know."""
    if value not in LIGHT_MARK:
        return html.Span("—", className="quiet", title=_("签约前或已终止的项目没有灯"))
    mark = html.Span(LIGHT_MARK[value], className=f"light light--{value}", title=_(LIGHTS[value]))
    return html.Span([mark, _(LIGHTS[value])] if word else [mark], **{"aria-label": _(LIGHTS[value])})


def kinds(letters: Sequence[str]) -> html.Span:
    """Cross-district letters with their names as tooltip; G alone is quiet (rules §4.1)."""
    return html.Span(
        [
            html.Span(k, className="kind" + (" kind--quiet" if k == "G" else ""), title=f"{k} {_(KIND_NAMES[k])}")
            for k in letters
        ],
        className="kinds",
    )


def dataset_mark(provenance: str) -> html.Span:
    """The mark that every screen of a data set carries."""
    return html.Span(_(words.PROVENANCES[provenance]), className=f"mark mark--{provenance}")


def schematic_mark() -> html.Span:
    """示意: not a legal boundary or position."""
    return html.Span(_("示意"), className="mark mark--schematic", title=_("范围示意,不作为划界依据"))


def is_web_address(source: str | None) -> bool:
    """Whether a source may become a link: only web pages, never script or other schemes."""
    return bool(source) and urlsplit(source or "").scheme in ("http", "https")


def source_mark(source: str | None) -> html.A | html.Span:
    """Where a published figure comes from: a link that names the page's host, else the source's words."""
    if is_web_address(source):
        host = (urlsplit(source or "").hostname or "").removeprefix("www.")
        return html.A(
            f"{_('来源')} {host}",
            href=source,
            target="_blank",
            rel="noopener noreferrer nofollow",
            className="text-link",
            title=source,
        )
    words = f"{_('来源')} {source}" if source else ""
    return html.Span(words, className="quiet", title=source or "")
