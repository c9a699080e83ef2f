"""Makes a virtual environment with nats-py, the foreign client: `python make_venv.py DIRECTORY`.

Does nothing if it is there already. Exit status 0: there; 77: not to be had, as without a network.
"""

import os
import shutil
import subprocess
import sys
import venv

SKIPPED = 77


def main(directory):
    python = os.path.join(directory, "bin", "python")
    stamp = os.path.join(directory, "is_complete")
    if os.path.exists(stamp):
        return 0
    shutil.rmtree(directory, ignore_errors=True)
    try:
        venv.create(directory, with_pip=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        print(f"cannot make a virtual environment with pip (Debian: python3-venv): {error}")
        return SKIPPED
    if (
        subprocess.run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--retries",
                "1",
                "--timeout",
                "20",
                "nats-py",
                "nkeys",
            ]
        ).returncode
        != 0
    ):
        print("nats-py cannot be installed")
        return SKIPPED
    with open(stamp, "w", encoding="ascii"):
        pass
    return 0


sys.exit(main(sys.argv[1]))
