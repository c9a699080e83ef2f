"""`python -m slickq` says which library this package has loaded, and whether it can work here; with arguments it runs
the command slickq with them, if that is on PATH."""
import os
import shutil
import subprocess
import sys
from typing import List

from . import __version__, check_platform_support
from ._library import quick


def main(arguments: List[str]) -> int:
    """The exit status."""
    command = shutil.which("slickq")
    if not arguments:
        supported, sentence = check_platform_support()
        print(f"slickq {__version__}, library {quick._name}")
        print(sentence)
        print(f"command: {command or 'none on PATH'}")
        return 0 if supported else 1
    if command is None:
        print("python -m slickq: there is no command slickq on PATH; it comes with an installation of libslickq",
              file=sys.stderr)
        return 127
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command, [command, *arguments])
    return subprocess.call([command, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
