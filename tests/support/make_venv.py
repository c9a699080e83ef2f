"""Makes a virtual environment with packages from PyPI: `python make_venv.py DIRECTORY [--first | --each] PACKAGE...`.

All of them are needed; or with --first one, the first that can be installed; or with --each those that can be. Writes which ones
they are, as slick-queue-py==2.3.0, a line each, to DIRECTORY/installed, and does nothing if that is there already: remove DIRECTORY
to start afresh. Exit status 0: there; 77: not to be had, as without a network, pip's reasons are printed.
"""
import os
import re
import subprocess
import sys
import venv

SKIPPED = 77


def install(python, package):
    return subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1",
                           "--timeout", "20", package]).returncode == 0


def installed_version(python, package):
    name = re.split("[=<>~!]", package)[0]
    code = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    version = subprocess.run([python, "-c", code, name], check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
    return f"{name}=={version.strip()}"


def main(directory, *arguments):
    packages = [argument for argument in arguments if not argument.startswith("--")]
    stamp = os.path.join(directory, "installed")
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as file:
            print(*file.read().split(), "there already")
        return 0
    try:
        venv.create(directory, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        print(f"cannot make a virtual environment with pip (Debian: python3-venv): {error}")
        return SKIPPED

    python = os.path.join(directory, "bin", "python")
    installed = []
    for package in packages:
        if install(python, package):
            installed.append(installed_version(python, package))
            if "--first" in arguments:
                break
        else:
            print(f"{package} cannot be installed")
    is_complete = bool(installed) if "--first" in arguments else len(installed) == len(packages)
    if is_complete:  # else it is tried again the next time
        with open(stamp, "w", encoding="ascii") as file:
            file.writelines(one + "\n" for one in installed)
    print(*installed)
    return 0 if is_complete or "--each" in arguments else SKIPPED


sys.exit(main(*sys.argv[1:]))
