"""What can go wrong with a request, and how it is told (RFC 9457 problem details, in both languages)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from flask import Response, current_app, request
from sqlalchemy.exc import DatabaseError
from werkzeug.exceptions import HTTPException

from api.shapes import Problem, Text
from i18n import language

MEND = "python cli.py init"


class ApiError(Exception):
    """A request that cannot be answered; says so in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)


class BadParameter(ApiError):
    """A parameter of the API itself (page, limit, sort, order, format) has no usable value.

    The parameters shared with the screens never raise: what is not understood is reported in ``meta.ignored``.
    """

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(
            f"参数 {name}={value[:40]} 无效,可用:{allowed}",
            f"Parameter {name}={value[:40]} is not valid; use {allowed}",
        )


class UnknownPark(ApiError):
    """No area of any scheme has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"没有园区 {code[:40]}", f"There is no park {code[:40]}")


class UnknownKpi(ApiError):
    """The dictionary has no such indicator."""

    def __init__(self, kpi_id: str) -> None:
        super().__init__(f"指标字典没有 {kpi_id[:40]}", f"The dictionary has no indicator {kpi_id[:40]}")


class UnknownChain(ApiError):
    """The taxonomy has no such chain."""

    def __init__(self, code: str) -> None:
        super().__init__(f"没有产业链 {code[:40]}", f"There is no chain {code[:40]}")


class UnknownProject(ApiError):
    """No such project in the data set at the month, or not for this viewer: the two look the same on purpose."""

    def __init__(self, project_id: str, dataset: str, period: str) -> None:
        shown = project_id[:40]
        super().__init__(
            f"数据集 {dataset} 在 {period} 没有项目 {shown},或当前角色不可见",
            f"Data set {dataset} has no project {shown} at {period}, or the role may not see it",
        )


class UnknownExport(ApiError):
    """No such table, or no such kind of file."""

    def __init__(self, name: str, tables: Iterable[str], kinds: Iterable[str]) -> None:
        known = f"{', '.join(tables)}; {', '.join(kinds)}"
        super().__init__(f"不能导出 {name[:60]},可用:{known}", f"{name[:60]} cannot be exported; there are {known}")


class WithheldExport(ApiError):
    """The role may not have this table."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"当前角色不可导出:{zh}", f"The role may not take this out: {en}")


class UnfitExport(ApiError):
    """The table does not fit into this kind of file: it has no places, or too many rows."""

    def __init__(self, zh: str, en: str, kind: str) -> None:
        super().__init__(f"{zh} 不能存为 {kind},请换一种格式", f"{en} does not fit into {kind}; use another format")


class NotReady(ApiError):
    """The database is there but not filled."""

    def __init__(self) -> None:
        super().__init__(f"数据库尚未初始化,请运行:{MEND}", f"The database is not filled yet; run: {MEND}")


#: The one table from what was raised to the status that tells it. Errors of the web server keep their own status.
STATUS: dict[type[Exception], int] = {
    BadParameter: 400,
    UnknownPark: 404,
    UnknownKpi: 404,
    UnknownChain: 404,
    UnknownProject: 404,
    UnknownExport: 404,
    WithheldExport: 403,
    UnfitExport: 422,
    NotReady: 503,
    DatabaseError: 503,
}

_HTTP_TEXTS = {
    404: Text(zh="没有这个地址,见 /api/v1/openapi.json", en="No such address; see /api/v1/openapi.json"),
    405: Text(zh="此地址只接受 GET", en="This address answers GET only"),
    500: Text(zh="服务器内部错误,已记录", en="Internal error; it has been logged"),
}


def problem(status: int, text: Text) -> Response:
    """A problem document; ``detail`` is in the language of the request, the other language stands beside it."""
    body = Problem(
        type="about:blank",
        title=_title(status),
        status=status,
        detail=text.zh if language() == "zh" else text.en,
        detail_zh=text.zh,
        detail_en=text.en,
        instance=request.path,
    )
    return private(Response(body.model_dump_json(), status, mimetype="application/problem+json"))


def private(response: Response) -> Response:
    """`response` marked as this viewer's own: no cache on the way may keep it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept, Cookie"
    return response


def answer_error(error: Exception) -> Response:
    """The problem document of an exception listed in ``STATUS``."""
    status = next(s for kind, s in STATUS.items() if isinstance(error, kind))
    if isinstance(error, ApiError):
        return problem(status, error.text)
    current_app.logger.exception("The database did not answer %s", request.path)
    return problem(status, Text(zh=f"数据库不可用,请运行:{MEND}", en=f"The database is not usable; run: {MEND}"))


def answer_http_error(error: HTTPException) -> HTTPException | Response:
    """Errors of the web server (no such address, wrong method, an unforeseen exception) below ``/api/``."""
    if not request.path.startswith("/api/"):
        return error
    status = error.code or 500
    known = _HTTP_TEXTS.get(status)
    response = problem(status, known or Text(zh=_title(status), en=error.description or _title(status)))
    if status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ("GET",)))
    return response


def _title(status: int) -> str:
    return HTTPStatus(status).phrase
