"""Text files: the encoding nobody declared, the delimiter, the rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from data.imports.marks import unescape_formula
from data.imports.problem import MAX_COLUMNS, ImportProblem, Limits, Watch

#: Characters that Chinese tables are full of, simplified and traditional: a wrong decoding yields rare ones instead.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国以要时来用生到作地于出分对成会可主发年动同工能下过子产种面方后多定行学法所民得经十三之进等部度"
    "家电力水化高自二理起小物现实加量两体制机使点从业本性好应开合因由其前外天政四日社义事平形相全表间与关各重新线内数正心明原利比质气"
    "第向道变条没结解问意建月公无系军情者最立代已通并提直题程展五果料员位入常文总次品式活设及管特件长求基资边流路级少图山统接较将组见计"
    "别手期根论运农指九区强放决西干必先回任取据处南给光门保治北造百规热领七海口东导器压金增济油术极交受联六共权收证改清美采转更单风"
    "带安场身车例真务具万每目至达走积示报完类八名确科张信节米整空元集温传土步广石记需段研界林装算低持众布复容际商非验连断深难近千周委素"
    "技备半办青省列习约支般历市除消构府称太准精值号率维划选标写存快效院查江型王按格易置派层片始专状厂京识适属包住调满县局照参红细引该铁"
    "价备注坐标经纬面积编代码名称项投亿亩额街镇村企码址楼号栋租售状态签约竣投产备案税收亩均评企园蓉锦双流温江新津简阳武侯青羊龙泉驿"
    "項計劃開發區設廠資產業園臺灣號說應實際總額與對應國會來時個為們這發動種後經進電實體開現過關數條結問軍題員據處領導壓濟術極聯權證轉單"
    "風帶場車務萬達報類確節溫傳廣記裝復際驗斷難備辦歷構稱準維劃選標寫存層專狀廠識適屬調滿縣參細價編碼積畝億鎮樓棟稅簽竣園"
)
_CANDIDATES = ("gb18030", "big5hkscs")
_SAMPLE = 400_000


def decode(raw: bytes) -> tuple[str, str, bool]:
    """Text, its encoding, and whether that was guessed: UTF-8 with or without mark, UTF-16 with mark, GB18030, Big5.

    Raises ImportProblem when it is none of these.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        return _strict(raw, "utf-8-sig"), "UTF-8", False
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strict(raw, "utf-16"), "UTF-16", False
    if b"\x00" in raw[:4096]:
        raise ImportProblem("no_encoding")
    try:
        return raw.decode("utf-8"), "UTF-8", False
    except UnicodeDecodeError:
        encoding = guess_chinese(raw)
    return _strict(raw, encoding), {"gb18030": "GB18030", "big5hkscs": "Big5"}[encoding], True


def guess_chinese(raw: bytes) -> str:
    """``gb18030`` or ``big5hkscs``, whichever reads the bytes as common characters. Raises ImportProblem for neither."""
    scores: list[tuple[float, str]] = []
    for encoding in _CANDIDATES:
        try:
            text = raw.decode(encoding)[:_SAMPLE]
        except UnicodeDecodeError:
            continue
        foreign = [c for c in text if ord(c) > 0x7F]
        if foreign:
            scores.append((sum(c in _COMMON for c in foreign) / len(foreign), encoding))
    if not scores:
        raise ImportProblem("no_encoding")
    return max(scores, key=lambda score: score[0])[1]


def _strict(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise ImportProblem("no_encoding") from error


def delimiter(text: str, suffix: str) -> str:
    """Comma, tab, semicolon or bar: one that cuts every line into the same number of columns, headings included (a list
    inside a cell does not); else the one that cuts the first lines into most columns, the same number in each."""
    if suffix == ".tsv":
        return "\t"
    lines = text[:20_000].splitlines()[:30]
    if len(text) > 20_000 and len(lines) > 2:
        lines.pop()  # it may be cut
    best, most = ",", (False, 0.0)
    for candidate in ",\t;|":
        widths = [len(row) for row in csv.reader(lines, delimiter=candidate) if row]
        if widths:
            common = max(set(widths), key=widths.count)
            alike = len(widths) > 1 and common > 1 and widths.count(common) == len(widths)
            score = (common - 1) * widths.count(common) / len(widths)
            if (alike, score) > most:
                best, most = candidate, (alike, score)
    return best


def read_text(path: Path, limits: Limits, watch: Watch) -> tuple[list[list[str]], str, bool]:
    """Rows of a csv or tsv file, its encoding, and whether the encoding was guessed."""
    text, encoding, guessed = decode(path.read_bytes())
    csv.field_size_limit(2**24)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text, path.suffix.lower())):
            if len(row) > MAX_COLUMNS:
                raise ImportProblem("too_many_columns", columns=len(row), limit=MAX_COLUMNS)
            rows.append([unescape_formula(cell) for cell in row])
            if len(rows) > limits.rows + 100:
                raise ImportProblem("too_many_rows", rows=f"> {limits.rows}", limit=limits.rows)
            if not len(rows) % 5000:
                watch.step("read", len(rows))
    except csv.Error as error:
        raise ImportProblem("unreadable", reason=str(error)) from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows, encoding, guessed
