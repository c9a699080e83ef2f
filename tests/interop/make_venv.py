"""Makes a virtual environment with slick-queue-py: `python make_venv.py DIRECTORY [VERSION...]`.

Installs the first of the versions that can be, or the newest if none is named, and writes which one it is to
DIRECTORY/slick_queue_py_version. Does nothing if that is there already: remove DIRECTORY to start afresh.
Exit status 0: there; 77: not to be had, as without a network, pip's reasons are printed.
"""
import os
import shutil
import subprocess
import sys
import venv

SKIPPED = 77
PACKAGE = "slick-queue-py"


def install(python, version):
    package = f"{PACKAGE}=={version}" if version else PACKAGE
    return subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1",
                           "--timeout", "20", package]).returncode == 0


def main(directory, *versions):
    stamp = os.path.join(directory, "slick_queue_py_version")
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as file:
            print(f"{PACKAGE} {file.read().strip()} is there already")
        return 0
    shutil.rmtree(directory, ignore_errors=True)
    try:
        venv.create(directory, with_pip=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        print(f"cannot make a virtual environment with pip (Debian: python3-venv): {error}")
        return SKIPPED

    python = os.path.join(directory, "bin", "python")
    if not any(install(python, version) for version in versions or [None]):
        print(f"{PACKAGE} cannot be installed")
        return SKIPPED
    version = subprocess.run([python, "-c", "import slick_queue_py; print(slick_queue_py.__version__)"],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
    with open(stamp, "w", encoding="ascii") as file:
        file.write(version)
    print(f"{PACKAGE} {version.strip()}")
    return 0


sys.exit(main(*sys.argv[1:]))
