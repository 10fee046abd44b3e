"""Land-use codes: a code means nothing without its scheme (rules §2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Scheme = Literal["YDYH2023", "YDYH2020", "GBT21010_2017", "GB50137_2011"]

#: Schemes and the shape of their codes. GBT21010_2017 includes the working classes of the third survey (08H2).
SCHEME_CODES: dict[str, re.Pattern[str]] = {
    "YDYH2023": re.compile(r"\d{2}(\d{2}){0,2}"),
    "YDYH2020": re.compile(r"\d{2}(\d{2}){0,2}"),
    "GBT21010_2017": re.compile(r"\d{2}(\d{2}|H\d)?[A-Z]?"),
    "GB50137_2011": re.compile(r"[A-Z]\d{0,2}"),
}


class LandUseError(ValueError):
    """A land-use code without a scheme, of an unknown scheme, or of a shape the scheme does not have."""


@dataclass(frozen=True, slots=True, order=True)
class LandUse:
    """One class of one scheme. Raises LandUseError for an unknown scheme or a code of another shape."""

    scheme: str
    code: str

    def __post_init__(self) -> None:
        pattern = SCHEME_CODES.get(self.scheme)
        if pattern is None:
            raise LandUseError(f"unknown land-use scheme {self.scheme!r}; known: {', '.join(SCHEME_CODES)}")
        if not pattern.fullmatch(self.code):
            raise LandUseError(f"{self.code!r} is not a code of {self.scheme}")

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


def parse(text: str) -> LandUse:
    """Read "YDYH2023:1001". Raises LandUseError for a bare code, which is invalid input (rules §2.2)."""
    scheme, colon, code = text.strip().partition(":")
    if not colon:
        raise LandUseError(f"bare land-use code {text!r}: write it with its scheme, such as YDYH2023:{text}")
    return LandUse(scheme.strip(), code.strip())


#: The standard that maps and mixes show; classes of another are kept as they are and named, never guessed over.
DISPLAY_SCHEME = "YDYH2023"


def land_key(scheme: str, code: str | None) -> str | None:
    """How tiles and addresses name a land-use class: the bare code in the display scheme, else ``scheme:code``."""
    if code is None:
        return None
    return code if scheme == DISPLAY_SCHEME else f"{scheme}:{code}"


def class_of(key: str) -> tuple[str, str]:
    """Scheme and code of a class named as `land_key` does."""
    scheme, colon, code = key.rpartition(":")
    return (scheme, code) if colon else (DISPLAY_SCHEME, key)


#: Codes that changed from the 2020 trial edition to the 2023 edition; all others kept theirs.
MIGRATION_2020_2023: dict[str, str] = {
    "060102": "1207",
    "0602": "060201",
    "0603": "060202",
    "0604": "060203",
    "090301": "0903",
    "090302": "0903",
    "1312": "1311",
    "1313": "1312",
    "0204": "0205",
    "2302": "2303",
    "2303": "060102",
    "2202": "2206",
}


def migrate_2020(use: LandUse) -> LandUse:
    """Class of the 2023 edition for one of the 2020 edition (rules §2.2).

    One step, never a chain: 2302 becomes 2303 and stays there, although 2303 itself became 060102. Raises
    LandUseError for any other scheme.
    """
    if use.scheme != "YDYH2020":
        raise LandUseError(f"{use} is not of YDYH2020")
    return LandUse("YDYH2023", MIGRATION_2020_2023.get(use.code, use.code))


def _named(text: str) -> dict[str, str]:
    """``code name`` pairs."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


#: Classes of the schemes that are kept as they come and shown by code and name: to the second level, with the working
#: classes of the third survey; finer ones are recognised by the class above them.
NAMES: dict[str, dict[str, str]] = {
    "GBT21010_2017": _named(
        """00 湿地 01 耕地 0101 水田 0102 水浇地 0103 旱地 02 园地 0201 果园 0202 茶园 0203 橡胶园 0204 其他园地
        03 林地 0301 乔木林地 0302 竹林地 0303 红树林地 0304 森林沼泽 0305 灌木林地 0306 灌丛沼泽 0307 其他林地
        04 草地 0401 天然牧草地 0402 沼泽草地 0403 人工牧草地 0404 其他草地
        05 商服用地 05H1 商业服务业设施用地 0501 零售商业用地 0502 批发市场用地 0503 餐饮用地 0504 旅馆用地
        0505 商务金融用地 0506 娱乐用地 0507 其他商服用地 0508 物流仓储用地
        06 工矿仓储用地 0601 工业用地 0602 采矿用地 0603 盐田 0604 仓储用地 07 住宅用地 0701 城镇住宅用地 0702 农村宅基地
        08 公共管理与公共服务用地 08H1 机关团体新闻出版用地 08H2 科教文卫用地 08H2A 高教用地 0801 机关团体用地
        0802 新闻出版用地 0803 教育用地 0804 科研用地 0805 医疗卫生用地 0806 社会福利用地 0807 文化设施用地 0808 体育用地
        0809 公用设施用地 0810 公园与绿地 0810A 广场用地
        09 特殊用地 0901 军事设施用地 0902 使领馆用地 0903 监教场所用地 0904 宗教用地 0905 殡葬用地 0906 风景名胜设施用地
        10 交通运输用地 1001 铁路用地 1002 轨道交通用地 1003 公路用地 1004 城镇村道路用地 1005 交通服务场站用地
        1006 农村道路 1007 机场用地 1008 港口码头用地 1009 管道运输用地
        11 水域及水利设施用地 1101 河流水面 1102 湖泊水面 1103 水库水面 1104 坑塘水面 1104A 养殖坑塘 1105 沿海滩涂
        1106 内陆滩涂 1107 沟渠 1107A 干渠 1108 沼泽地 1109 水工建筑用地 1110 冰川及永久积雪
        12 其他土地 1201 空闲地 1202 设施农用地 1203 田坎 1204 盐碱地 1205 沙地 1206 裸土地 1207 裸岩石砾地"""
    ),
    "GB50137_2011": _named(
        """R 居住用地 R1 一类居住用地 R2 二类居住用地 R3 三类居住用地
        A 公共管理与公共服务用地 A1 行政办公用地 A2 文化设施用地 A3 教育科研用地 A4 体育用地 A5 医疗卫生用地
        A6 社会福利设施用地 A7 文物古迹用地 A8 外事用地 A9 宗教设施用地 A35 科研用地
        B 商业服务业设施用地 B1 商业设施用地 B2 商务设施用地 B3 娱乐康体设施用地 B4 公用设施营业网点用地 B9 其他服务设施用地
        M 工业用地 M0 新型产业用地 M1 一类工业用地 M2 二类工业用地 M3 三类工业用地
        W 物流仓储用地 W1 一类物流仓储用地 W2 二类物流仓储用地 W3 三类物流仓储用地
        S 道路与交通设施用地 S1 城市道路用地 S2 城市轨道交通用地 S3 交通枢纽用地 S4 交通场站用地 S9 其他交通设施用地
        U 公用设施用地 U1 供应设施用地 U2 环境设施用地 U3 安全设施用地 U9 其他公用设施用地
        G 绿地与广场用地 G1 公园绿地 G2 防护绿地 G3 广场用地
        H 建设用地 H1 城乡居民点建设用地 H2 区域交通设施用地 H3 区域公用设施用地 H4 特殊用地 H41 军事用地 H42 安保用地
        H5 采矿用地 H9 其他建设用地 E 非建设用地 E1 水域 E2 农林用地 E9 其他非建设用地"""
    ),
}

_RESTRICTED: dict[str, str] = {
    "YDYH2023": "1501",
    "YDYH2020": "1501",
    "GBT21010_2017": "0901",
    "GB50137_2011": "H41",
}


def is_restricted(use: LandUse) -> bool:
    """Tell military land, which must never enter the program (rules §2.2, §2.6.2): 1501 and its counterparts."""
    return use.code.startswith(_RESTRICTED[use.scheme])
