"""Makes a virtual environment with packages that the tests of the command can do without: `python make_venv.py DIRECTORY`.

pyte, a terminal to draw on, and slick-queue-py. Where one cannot be installed, as without a network, the tests that need it are
skipped. Exit status 0, or 77 if there is no environment at all.
"""
import os
import subprocess
import sys
import venv

directory = sys.argv[1]
stamp = os.path.join(directory, "stamp")
if not os.path.exists(stamp):
    try:
        venv.create(directory, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        print(f"cannot make a virtual environment with pip (Debian: python3-venv): {error}")
        sys.exit(77)
    pip = [os.path.join(directory, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1",
           "--timeout", "20"]
    if all(subprocess.run([*pip, package]).returncode == 0 for package in ("pyte", "slick-queue-py")):
        open(stamp, "w").close()
