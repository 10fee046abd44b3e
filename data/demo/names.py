"""Names of the demo: every one carries the prefix 演示· and is put together from syllables no known firm uses in this way."""

from __future__ import annotations

from collections.abc import Mapping

from domain.words import DEMO_PREFIX as PREFIX

_FIRST = (
    "青岚",
    "砚汀",
    "澍云",
    "霁川",
    "榉原",
    "珩野",
    "棠溪",
    "璟沄",
    "昉林",
    "筱山",
    "翊河",
    "笠泽",
    "蔺石",
    "沄舟",
    "桤木",
    "岑光",
    "苔原",
    "矜远",
    "泠竹",
    "廪丰",
    "汧阳",
    "葳城",
    "渌波",
    "骊原",
    "粲星",
    "硕汀",
    "邕宁",
    "缃叶",
    "楸庭",
    "琤玉",
)
_SECOND = (
    "宸",
    "禾",
    "渡",
    "栎",
    "弋",
    "衡",
    "朔",
    "洵",
    "谷",
    "芷",
    "乘",
    "律",
    "映",
    "岫",
    "苇",
    "钧",
    "潭",
    "翎",
    "序",
    "檀",
)

#: Node prefix -> what a firm of it calls its trade and what its project builds.
_TRADE: Mapping[str, str] = {
    "IC-U1": "芯软",
    "IC-U2": "半导体装备",
    "IC-U3": "电子材料",
    "IC-M1": "芯核",
    "IC-M2": "射频芯",
    "IC-M3": "晶圆",
    "IC-M4": "化合物半导体",
    "IC-M5": "芯测",
    "IC-M6": "先进封装",
    "IC": "微电子",
    "DISP-U": "光电材料",
    "DISP": "显示",
    "TERM-U": "精密元件",
    "TERM": "智能终端",
    "DRUG-U1": "药研",
    "DRUG-U2": "药评",
    "DRUG-M2": "抗体",
    "DRUG-M4": "细胞",
    "DRUG-M5": "核药",
    "DRUG-M7": "生物制造",
    "DRUG-M8": "本草",
    "DRUG": "生物医药",
    "MEDD-M1": "影像",
    "MEDD-M2": "诊断",
    "MEDD-M4": "手术机器人",
    "MEDD": "医疗器械",
    "AERO-U": "航材",
    "AERO": "航空动力",
    "SAT-D": "空间信息",
    "SAT": "星载",
    "AI-U1": "智算",
    "AI-M": "大模型",
    "AI": "智能",
}
_WORK: Mapping[str, tuple[str, ...]] = {
    "IC": ("中试线", "研发中心", "测试基地", "产业化项目", "扩产"),
    "DISP": ("产线", "模组基地", "材料基地", "扩产"),
    "TERM": ("整机基地", "智能工厂", "配套产业园", "扩产"),
    "DRUG": ("产业化二期", "研发中心", "中试平台", "GMP基地"),
    "MEDD": ("产业化项目", "研发生产基地", "中试线", "注册检验中心"),
    "AERO": ("试车台", "零部件基地", "研发保障基地", "总装厂房"),
    "SAT": ("终端总装", "载荷产线", "测运控中心", "数据中心"),
    "AI": ("算力中心扩容", "应用创新中心", "研发总部", "数据标注基地"),
}


def brand(number: int) -> str:
    """The n-th brand; 600 of them are distinct, then a number sets them apart."""
    first, rest = _FIRST[number % len(_FIRST)], number // len(_FIRST)
    text = first + _SECOND[(rest + number) % len(_SECOND)]
    lap = rest // len(_SECOND)
    return text if lap == 0 else f"{text}{lap + 1}号"


def _longest(node: str, table: Mapping[str, str]) -> str:
    return table[max((key for key in table if node.startswith(key)), key=len, default=next(iter(table)))]


def firm(number: int, node: str) -> str:
    """Name of a fictitious firm, e.g. 演示·青岚宸芯测有限公司."""
    return f"{PREFIX}{brand(number)}{_longest(node, _TRADE)}有限公司"


def project(number: int, node: str, variant: int) -> str:
    """Name of a fictitious project, e.g. 演示·砚汀禾抗体GMP基地."""
    works = _WORK.get(node.partition("-")[0], ("产业化项目",))
    return f"{PREFIX}{brand(number)}{_longest(node, _TRADE)}{works[variant % len(works)]}"


def park(number: int) -> str:
    """Name of a fictitious carrier park."""
    return f"{PREFIX}{_FIRST[(number * 7) % len(_FIRST)]}{('创智园', '产业港', '科创谷', '智造园', '医药谷', '芯园')[number % 6]}"
