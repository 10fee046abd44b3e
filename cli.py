"""Commands for whoever runs the program: ``python cli.py serve | init | tiles | doctor``, schemes, imports, exports."""

from __future__ import annotations

import io
import os
import sys

import typer

from commands import exports, imports, schemes, serving
from commands.console import Refused
from settings import ROOT

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
for _module in (serving, schemes, exports, imports):
    _module.register(cli)


def main() -> None:
    """Run a command; a refusal is one line on stderr and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Chinese still gets the English half
    os.chdir(ROOT)
    try:
        cli()
    except Refused as refusal:
        typer.echo(str(refusal), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
