"""Prepare the machine: the virtual environment, for the tests a browser and a Chinese font, for make lint what reads JavaScript.

Runs on the standard library alone, because it runs before anything is installed, and keeps to a syntax that an
older Python can read, so that it gets to say which one is needed.

    python3 scripts/prepare.py packages requirements.txt
    .venv/bin/python scripts/prepare.py browser
    .venv/bin/python scripts/prepare.py font
    .venv/bin/python scripts/prepare.py linters
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
OLDEST_NODE = (18, 18)  # of eslint 9
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class CannotPrepare(Exception):
    """Something is missing that only the person at the keyboard can supply; the message is one line that says what."""


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Refuse a Python the pinned packages do not support; raises CannotPrepare."""
    if not OLDEST <= version <= NEWEST:
        raise CannotPrepare(
            f"Python {version[0]}.{version[1]} found, but 3.11, 3.12 or 3.13 is needed. "
            "Install one of them, or name it: make run PYTHON=/path/to/python3.12"
        )


def check_venv_module() -> None:
    """Refuse a Python without ``ensurepip`` (Debian ships it as a package of its own); raises CannotPrepare."""
    probe = subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True)
    if probe.returncode:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise CannotPrepare(
            f"This Python cannot make virtual environments. Type: sudo apt-get install python{version}-venv"
        )


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Hold `root` while .venv is written, so that two starts at once do not install over each other."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing the packages; waiting for it …", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def ensure_packages(requirements: Path, venv: Path) -> bool:
    """Make `venv` hold what `requirements` pins; True when something had to be done.

    The file last installed is kept as a copy inside the environment: as long as it is the same, nothing runs.
    The copy is removed before installing and written after, so a broken-off installation is taken up again.
    Raises CannotPrepare.
    """
    python, stamp = venv / "bin" / "python", venv / f".installed-{requirements.name}"
    wanted = requirements.read_bytes()
    works = python.exists() and not subprocess.run([python, "-c", "import pip"], capture_output=True).returncode
    if works and stamp.exists() and stamp.read_bytes() == wanted:
        return False
    if not works:
        check_python()
        check_venv_module()
        print(f"Creating {venv.name} with Python {sys.version.split()[0]} …", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", venv]).returncode:
            raise CannotPrepare(f"Could not create {venv}; see the lines above.")
    stamp.unlink(missing_ok=True)
    install(python, requirements)
    stamp.write_bytes(wanted)
    return True


def install(python: Path, requirements: Path) -> None:
    """Run pip for `requirements`, counting packages on one line; raises CannotPrepare with pip's last words above it."""
    pins = [line for line in requirements.read_text("utf-8").splitlines() if line[:1].isalnum()]
    print(f"Installing {len(pins)} pinned packages of {requirements.name} …", flush=True)
    command = [str(python), *PIP, "install", "--progress-bar", "off", "-r", str(requirements)]
    said: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101  (for the type checker: stdout=PIPE)
        for line in pip.stdout:
            said = [*said[-14:], line]
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                seen += 1
                if sys.stdout.isatty():
                    print(f"\r  {seen:3d} collected", end="", flush=True)
            elif line.startswith("Installing collected"):
                print(f"{chr(13) if sys.stdout.isatty() else ''}  {seen:3d} collected; unpacking …", flush=True)
    if pip.returncode:
        sys.stderr.write("\n" + "".join(said))
        raise CannotPrepare(
            "The packages could not be installed (pip's last lines are above). "
            "Check the network connection and start again: nothing is lost."
        )


def answers(command: str) -> bool:
    """Whether `command` starts at all (Ubuntu's chromium-browser is a stub where snap is missing)."""
    try:
        return subprocess.run([command, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_browser() -> str | None:
    """Path of a Chromium or Chrome that starts: CHROMIUM_PATH, on PATH, or a Mac's application; None when there is none."""
    candidates = [os.environ.get("CHROMIUM_PATH"), *map(shutil.which, BROWSER_NAMES), *MAC_BROWSERS]
    return next((path for path in candidates if path and answers(path)), None)


def playwright_browser() -> str | None:
    """Path of the Chromium that Playwright itself downloaded; None when it has not."""
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    path = told.stdout.strip()
    return path if told.returncode == 0 and path and os.path.exists(path) else None


def apt_install(*packages: str) -> bool:
    """Install Debian packages where that needs no password (root, or sudo without one); False when it cannot be done."""
    if not shutil.which("apt-get"):
        return False
    front: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
            return False
        front = ["sudo", "-n"]
    print(f"Installing {' '.join(packages)} with apt-get …", file=sys.stderr, flush=True)
    apt = [*front, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run(
        [*apt, "update"], stdin=subprocess.DEVNULL, stdout=sys.stderr
    )  # an old list may still do: the install decides
    wanted = [*apt, "install", "-y", "--no-install-recommends", *packages]
    return subprocess.run(wanted, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0


def ensure_browser() -> str:
    """Path of a browser for the tests: found, else from apt-get, else Playwright's own. Raises CannotPrepare."""
    found = find_browser() or playwright_browser()
    if not found and apt_install("chromium"):
        found = find_browser()
    if not found:
        print("Downloading Playwright's own Chromium …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr)
        found = playwright_browser()
    if not found:
        raise CannotPrepare("The browser tests need Chromium. Type: sudo apt-get install chromium   (then: make test)")
    return found


def has_chinese_font() -> bool:
    """Whether a browser here can draw Chinese (a Mac always can)."""
    if sys.platform == "darwin":
        return True
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True).stdout.strip())


def ensure_font() -> None:
    """A Chinese font for screenshots; only a warning when there is none, since no test reads pixels of text."""
    if not has_chinese_font():
        apt_install("fontconfig", "fonts-noto-cjk")
    if not has_chinese_font():
        print("Warning: no Chinese font, screenshots will show boxes. Type: sudo apt-get install fonts-noto-cjk")


def node_version() -> tuple[int, ...] | None:
    """Version of the Node.js on PATH, with npm beside it; None where one of them is missing or does not start."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True)
    parts = told.stdout.strip().removeprefix("v").split(".")
    return tuple(map(int, parts)) if told.returncode == 0 and all(p.isdigit() for p in parts) else None


def ensure_linters(folder: Path) -> bool:
    """Make ``node_modules`` in `folder` hold what its lock file pins; True when something had to be done.

    As with the Python packages, a copy of the lock file says what was last installed. Raises CannotPrepare.
    """
    stamp = folder / "node_modules" / ".installed-package-lock.json"
    wanted = (folder / "package-lock.json").read_bytes()
    version = node_version()
    if version is None and apt_install("nodejs", "npm"):
        version = node_version()
    if version is None or version < OLDEST_NODE:
        found = f"{'.'.join(map(str, version))} found" if version else "none found"
        raise CannotPrepare(
            f"make lint needs Node.js {'.'.join(map(str, OLDEST_NODE))} or newer with npm, {found}. "
            "Type: sudo apt-get install nodejs npm   (on a Mac: brew install node)"
        )
    if stamp.exists() and stamp.read_bytes() == wanted:
        return False
    print("Installing the linters of the browser scripts …", flush=True)
    told = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, capture_output=True, text=True
    )
    if told.returncode:
        sys.stderr.write(told.stdout + told.stderr)
        raise CannotPrepare(
            "The linters could not be installed (npm's words are above). Check the network connection and start again."
        )
    stamp.write_bytes(wanted)
    return True


def main(arguments: list[str]) -> int:
    """Carry out one step; 1 with a line on stderr when the person has to do something first."""
    try:
        if arguments[:1] == ["packages"] and len(arguments) == 2:
            with only_one(ROOT):
                ensure_packages(ROOT / arguments[1], ROOT / ".venv")
        elif arguments == ["browser"]:
            print(ensure_browser())
        elif arguments == ["font"]:
            ensure_font()
        elif arguments == ["linters"]:
            with only_one(ROOT):
                ensure_linters(ROOT / "scripts" / "js")
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except CannotPrepare as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
