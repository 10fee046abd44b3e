"""Turn the marks "spec §x" into "rules §x" (docs/rules.md), in every tracked text file. Run it from the repository's root.

A one-off: it goes with the commit that applies it. It may run again and then changes nothing. It prints what it could
not place: a mark whose section does not exist, and a "spec §" that is left.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

RULES = Path("docs/rules.md")
SKIP = {str(RULES), "scripts/rules_marks.py", "tests/unit/test_rules_document.py"}

#: Marks of documents that are not in the repository, and words that only made sense beside them.
GONE = (
    (r" \(issue 3 §4\)", ""),
    (r"\(spec §4, issue 3\)", "(spec §4)"),
    (r" \(issue: (?:bad input|Data)\)", ""),
    (r"\(issue: Data; spec ", "(spec "),
    (r"\(spec §8; issue: search box\)", "(spec §8.3)"),
    (r'(raise ValueError\(f?"[^"\n]*) \(spec §[^)\n]*\)"', r'\1"'),
    (r'\(spec: "60′ skips 70, 80 where no new construction; 90 = fit-out start"\)', "(spec §6.1)"),
    (r" \(spec S0-18\)", ""),
    (r"\(spec S0-11\)", "(spec §1.2.4)"),
    (r", spec §4\.3 R20", ""),
    (r"its own currency \(spec §3\.2\)", "its own currency (spec §3.2.1, §3.3.8)"),
)
#: Mechanisms of the old register, each a rule of its own now.
MECHANISMS = (
    (r"§1\.1, S1-1\b", "§1.1, §1.2.9"),
    (r"§1\.2 S2-3\b", "§1.2.1"),
    (r"§1\.2 S1-5\b", "§1.2.2"),
    (r"§1\.2 S0-8(?:\.\.|…)12\b", "§1.2.3"),
    (r"§1\.2 S4-4/5", "§1.2.6"),
    (r"§1\.2 S4-8\b", "§1.2.7"),
    (r"§1\.2 S4-9\b", "§1.2.8"),
    (r"\(S2-18(?: 错位竞争)?, spec §5\.3\)", "(spec §1.2.5, §5.3)"),
    (r"\(S2-18 错位竞争\)", "(错位竞争, spec §1.2.5)"),
    (r"§0\.5\b", "§4.4.2"),
    (r"§12\.8\b", "§3.2.7"),
    (r"§4\.4 Ex 2, fact 5", "§4.4.2"),
    (r"§4\.4 Ex 2, Ex 4", "§4.4.2, §4.4.4"),
    (r"§4\.4 Ex 5, Ex 8", "§4.4.5, §4.4.8"),
    (r"§4\.4 [Ee]x(?:ample)? (\d)", r"§4.4.\1"),
    (r"§4\.3\.1-4, 7, 8", "§4.3"),
    (r"§3\.3\.3-4", "§3.3.3, §3.3.4"),
    (r"§3\.3 rule 1 and 5", "§3.3.1, §3.3.5"),
    (r"§(\d\.\d) rule (\d)", r"§\1.\2"),
    (r"§8\.1 L\d", "§8.1"),
    (r"§8\.2 P1", "§8.2"),
    (r"§5\.2 local facts", "§5.2"),
    (r"`stage` per §6\.1", "`stage` per spec §6.1"),
)
#: §3.2 and §2.6 became several rules: the words of the line say which one is meant. First match counts.
NARROWED = {
    r"§3\.2(?: notes)?(?: K01|, K35 and K36)?(?![.\d])": (
        (r"cohort|observation window", "§3.2.3"),
        (r"January|library", "§3.2.1"),
        (r"[Ii]dle|[Dd]evelopment ×|nested|far (?:each|it|land|ground) has come|76\.92|0\.05 points", "§3.2.4"),
        (r"national|province|published mean|provincial means|magnitudes and growth", "§3.2.5"),
        (r"denominators|left_out", "§3.2.6"),
    ),
    r"§2\.6(?![.\d])": (
        (r"[Mm]ilitary", "§2.6.2"),
        (r"50 m|vertices", "§2.6.3"),
        (r"firm|enterprise|suppress|the total would|outside the owner's group", "§2.6.4"),
        (r"示意|sketch|national outline|[Rr]eview number", "§2.6.1"),
    ),
}


def changed(line: str) -> str:
    """The line with its marks named after docs/rules.md."""
    for pattern, new in GONE + MECHANISMS:
        line = re.sub(pattern, new, line)
    if "§" in line:
        for mark, choices in NARROWED.items():
            meant = next((section for words, section in choices if re.search(words, line)), "")
            line = re.sub(mark, meant, line) if meant else line.replace("§3.2 notes", "§3.2")
    return re.sub(r"\bspec §", "rules §", re.sub(r"\bSpec §", "Rules §", line))


def main() -> int:
    """Rewrite the files; 1 when something is left that a person has to look at."""
    sections = set(re.findall(r"^#+ §(\d+(?:\.\d+)*) ", RULES.read_text(encoding="utf-8"), re.MULTILINE))
    left = files = 0
    for name in subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines():
        path = Path(name)
        if name in SKIP or not path.is_file():
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        new = "".join(changed(line) for line in text.splitlines(keepends=True))
        if new != text:
            path.write_bytes(new.encode("utf-8"))
            files += 1
        for number, line in enumerate(new.splitlines(), 1):
            wrong = [s for s in re.findall(r"§(\d+(?:\.\d+)*)", line) if s not in sections]
            if wrong or re.search(r"\bspec §", line) or ("§" in line and not re.search(r"\b[Rr]ules §", line)):
                left += 1
                print(f"{name}:{number}: {line.strip()}")
    print(f"{files} files changed, {left} lines to look at")
    return int(left > 0)


if __name__ == "__main__":
    sys.exit(main())
