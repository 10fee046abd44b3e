"""The map of a page: a container for the bridge in `assets/map.js` and the two stores that drive it.

`{map_id}-spec` takes a whole map specification, `{map_id}-patch` small changes. What happens on the map is an event of
the window. The bridge's header documents the three formats.
"""

import json
from collections.abc import Mapping, Sequence

from dash import ClientsideFunction, Dash, Input, State, dcc, html
from dash.development.base_component import Component

from i18n import N_, _

# Every text the bridge can show, in the source language; a page shows them in the request's.
MAP_STRINGS: dict[str, str] = {
    "label": N_("地图"),
    "loading": N_("地图载入中"),
    "zoom_in": N_("放大"),
    "zoom_out": N_("缩小"),
    "home": N_("回到全图"),
    "scale": N_("比例尺"),
    "metres": N_("{n} 米"),
    "kilometres": N_("{n} 公里"),
    "mu": N_("亩"),
    "free": N_("可租 {n} ㎡"),
    "cluster": N_("{n} 个项目,放大"),
    "missing": N_("—"),
    "stack": N_("此处 {n} 个"),
    "close": N_("关闭"),
    "error_webgl": N_("此浏览器无法绘制地图(WebGL 未启用),其余内容不受影响"),
    "error_library": N_("地图程序未能载入,请刷新页面;其余内容不受影响"),
    "error_style": N_("地图样式有误,未能绘制;其余内容不受影响"),
    "error_source": N_("部分地图数据自 {time} 起未能更新,画面为上次成功载入的内容,正在自动重试"),
    "error_context": N_("图形设备暂不可用,地图将自动恢复"),
}


def map_texts() -> dict[str, str]:
    """Every text of the bridge in the request's language."""
    return {key: _(text) for key, text in MAP_STRINGS.items()}


def map_frame(
    map_id: str,
    *,
    strings: Mapping[str, str] | None = None,
    height: str = "100%",
    class_name: str = "",
    overlays: Sequence[Component] = (),
) -> html.Div:
    """Container `{map_id}` with its stores `{map_id}-spec` and `{map_id}-patch` (rules §10).

    `strings` replaces entries of MAP_STRINGS. `height` is a CSS length. `overlays` stand over the map (legend, note);
    one with `data-map-obstacle` is kept free of labels. The page has to call `register_clientside` once per app.

    Raises ValueError for a key in `strings` that MAP_STRINGS does not have.
    """
    given = dict(strings or {})
    if unknown := sorted(given.keys() - MAP_STRINGS.keys()):
        raise ValueError(f"unknown map strings: {', '.join(unknown)}")
    texts = json.dumps(map_texts() | given, ensure_ascii=False)
    return html.Div(
        [
            html.Div(id=map_id, className="map-host", **{"data-strings": texts}),
            *overlays,
            dcc.Store(id=f"{map_id}-spec"),
            dcc.Store(id=f"{map_id}-patch"),
        ],
        className=f"map-frame {class_name}".strip(),
        style={"height": height},
    )


def register_clientside(app: Dash, map_id: str) -> None:
    """Connect the spec and patch stores of `map_id` to the bridge; once per app and map id."""
    for function, store in (("applySpec", "spec"), ("applyPatch", "patch")):
        app.clientside_callback(
            ClientsideFunction("atlas", function), Input(f"{map_id}-{store}", "data"), State(map_id, "id")
        )
