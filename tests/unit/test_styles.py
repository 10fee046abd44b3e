"""Style sheets share one page: a class set out in one of them is not set out anew in another."""

from __future__ import annotations

import re
from collections import defaultdict

from settings import ROOT


def test_no_class_is_set_out_in_two_sheets() -> None:
    sheets: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "assets").glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"@media[^{]*\{|:is\([^()]*\)", "", text)
        for selectors in re.findall(r"([^{}]+)\{", text):
            for selector in selectors.split(","):
                if found := re.fullmatch(r"\s*\.([\w-]+)\s*", selector):
                    sheets[found[1]].add(path.name)
    shared = {name: files for name, files in sheets.items() if len(files) > 1}
    # The map's own sheet states how the frame is drawn, the page's how large its type is.
    assert shared.keys() <= {"map-frame"}, shared
