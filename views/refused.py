"""What somebody reads whose request is not answered: why, and how to open the program, in both languages."""

from __future__ import annotations

from html import escape
from typing import Literal

from flask import Response, request

from i18n import N_, translate

_TITLES = {
    "host": N_("这个地址不能打开核区一张图"),
    "foreign": N_("这个页面是从别的网站打开的"),
}
_REASONS = {
    "host": N_(
        "程序只应答本机地址和它自己的端口,这样别的网站就不能借您的浏览器读取数据。请在地址栏输入启动时显示的地址,例如 http://127.0.0.1:{port}。"
        "经 SSH 隧道打开时,两端的端口要相同:ssh -L {port}:127.0.0.1:{port} 用户@机器"
    ),
    "foreign": N_(
        "程序不应答别的网站发出的请求,这样它们就不能借您的浏览器读取或改动数据。是您自己要打开的,请点下面的链接,或在地址栏输入地址。"
    ),
}
_OPEN = N_("打开核区一张图")
_STYLE = (
    "body{font:16px/1.7 system-ui,'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif;color:#14212e;background:#f4f6f8;"
    "margin:0;padding:12vh 24px}main{max-width:38rem;margin:auto}h1{font-size:1.5rem;margin:0 0 .5rem}"
    "section+section{margin-top:2.5rem}p{margin:0 0 .75rem}a{color:#0b6fa4}"
)


def answer(reason: Literal["host", "foreign"]) -> Response:
    """403 with a page for a reader and a line for a program. No file of ours is loaded: that would be refused too."""
    port = request.environ.get("SERVER_PORT", "")
    told = [
        (tag, translate(_TITLES[reason], to), translate(_REASONS[reason], to).format(port=port), translate(_OPEN, to))
        for tag, to in (("zh-CN", "zh"), ("en", "en"))
    ]
    if not request.accept_mimetypes.accept_html or "text/html" not in str(request.accept_mimetypes):
        return Response("\n".join(f"{title} {text}" for _tag, title, text, _open in told), 403, mimetype="text/plain")
    # A click on the link is the reader's own; it names our host, so no path can lead it elsewhere.
    link = f"http://{request.headers.get('Host', '')}{request.full_path.rstrip('?')}" if reason == "foreign" else ""
    parts = "".join(
        f'<section lang="{tag}"><h1>{escape(title)}</h1><p>{escape(text)}</p>'
        + (f'<p><a href="{escape(link)}">{escape(go)}</a></p>' if link and request.method == "GET" else "")
        + "</section>"
        for tag, title, text, go in told
    )
    page = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(told[0][1])}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{parts}</main></body></html>"
    )
    return Response(page, 403, mimetype="text/html")
