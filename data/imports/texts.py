"""Text files: the encoding nobody declared, the delimiter, the rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Mapping
from pathlib import Path

from data.imports.marks import unescape_formula
from data.imports.problem import MAX_COLUMNS, MB, ImportProblem, Limits, Watch

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


#: Name of each encoding as it is shown.
_SHOWN = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030", "big5hkscs": "Big5"}
_BLOCK = 1 << 20
#: Bytes of one line, and characters of one cell: an outline of 200,000 vertices as text is below.
MAX_LINE = 1 << 24


def encoding_of(path: Path) -> tuple[str, bool]:
    """Encoding of a text file, as Python calls it, and whether it was guessed: UTF-8 with or without mark, UTF-16 with mark,
    GB18030, Big5. The file is read in blocks and every byte is looked at; memory stays that of a block.

    Raises ImportProblem when it is none of these.
    """
    with path.open("rb") as stream:
        start = stream.read(4096)
    if start.startswith(b"\xef\xbb\xbf"):
        candidates: tuple[str, ...] = ("utf-8-sig",)
    elif start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ("utf-16",)
    elif b"\x00" in start:
        raise ImportProblem("no_encoding")
    else:
        candidates = ("utf-8",)
    if _sample(path, candidates[0]) is not None:
        return candidates[0], False
    if candidates[0] != "utf-8":
        raise ImportProblem("no_encoding")
    return _likeliest({encoding: _sample(path, encoding) for encoding in _CANDIDATES}), True


def _sample(path: Path, encoding: str) -> str | None:
    """The first characters of a file in this encoding; None when some byte of the file is none of it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    kept: list[str] = []
    left = _SAMPLE
    with path.open("rb") as stream:
        try:
            while block := stream.read(_BLOCK):
                text = decoder.decode(block)
                if left > 0:
                    kept.append(text[:left])
                    left -= len(text)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return "".join(kept)


def guess_chinese(raw: bytes) -> str:
    """``gb18030`` or ``big5hkscs``, whichever reads the bytes as common characters. Raises ImportProblem for neither."""
    samples: dict[str, str | None] = {}
    for encoding in _CANDIDATES:
        try:
            samples[encoding] = raw.decode(encoding)[:_SAMPLE]
        except UnicodeDecodeError:
            continue
    return _likeliest(samples)


def _likeliest(samples: Mapping[str, str | None]) -> str:
    scores: list[tuple[float, str]] = []
    for encoding, text in samples.items():
        foreign = [c for c in text or "" if ord(c) > 0x7F]
        if foreign:
            scores.append((sum(c in _COMMON for c in foreign) / len(foreign), encoding))
    if not scores:
        raise ImportProblem("no_encoding")
    return max(scores, key=lambda score: score[0])[1]


def _check_lines(path: Path, encoding: str) -> None:
    """Refuse a file with a line that is longer than any table's: it would have to be held whole to be read."""
    ends = re.compile(rb"[\r\n]")  # of UTF-16 too: one of its two bytes
    limit = MAX_LINE * (2 if encoding == "utf-16" else 1)
    run = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            first = ends.search(block)
            run += len(block) if first is None else first.start()
            if run > limit:
                raise ImportProblem("line_too_long", limit=MAX_LINE // MB)
            if first is not None:
                run = len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))


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
    encoding, guessed = encoding_of(path)
    watch.step("read")
    _check_lines(path, encoding)
    watch.step("read")
    csv.field_size_limit(MAX_LINE)
    rows: list[list[str]] = []
    cells = 0
    try:
        with path.open(encoding=encoding, newline="") as stream:
            between = delimiter(stream.read(20_001), path.suffix.lower())
            stream.seek(0)
            for row in csv.reader(stream, delimiter=between):
                if len(row) > MAX_COLUMNS:
                    raise ImportProblem("too_many_columns", columns=len(row), limit=MAX_COLUMNS)
                cells += len(row)
                if cells > limits.cells:
                    raise ImportProblem("too_many_cells", limit=limits.cells)
                rows.append([unescape_formula(cell) for cell in row])
                if len(rows) > limits.rows + 100:
                    raise ImportProblem("too_many_rows", rows=f"> {limits.rows}", limit=limits.rows)
                if not len(rows) % 5000:
                    watch.step("read", len(rows))
    except csv.Error as error:
        if "field larger" in str(error):
            raise ImportProblem("line_too_long", limit=MAX_LINE // MB) from error
        raise ImportProblem("unreadable", reason=str(error)) from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows, _SHOWN[encoding], guessed
