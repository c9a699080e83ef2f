"""Makes a virtual environment with the wheel, and what its tests need: `python make_venv.py DIRECTORY BUILD_DIRECTORY`.

Builds the wheel from the sources anew each time. Exit status 0: there; 77: PyPI can't be reached, pip's reasons are printed.
"""
import glob
import os
import shutil
import subprocess
import sys
import venv

SKIPPED = 77
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What other people's tests need; each is left out if it can't be had, and the tests that need it are skipped.
EXTRAS = ("numpy", "mypy", "slick-queue-py")


def pip(python, *arguments):
    return subprocess.run([python, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check", "--retries", "1",
                           "--timeout", "20"]).returncode == 0


def main(directory, build):
    python = os.path.join(directory, "bin", "python")
    if not os.path.exists(python):
        try:
            venv.create(directory, with_pip=True)
        except (subprocess.CalledProcessError, ImportError) as error:
            print(f"cannot make a virtual environment with pip (Debian: python3-venv): {error}")
            shutil.rmtree(directory, ignore_errors=True)
            return SKIPPED
    if not pip(python, "install", "scikit-build-core>=0.10"):
        print("PyPI can't be reached")
        return SKIPPED
    for extra in EXTRAS:
        pip(python, "install", extra)

    # The build directory stays, so that a second run compiles nothing. Without isolation pip fetches no more than that.
    wheels = os.path.join(build, "wheels")
    shutil.rmtree(wheels, ignore_errors=True)
    if not pip(python, "wheel", "--no-deps", "--no-build-isolation", "--check-build-dependencies", "--wheel-dir", wheels,
               "--config-settings", f"build-dir={os.path.join(build, 'cmake')}", SOURCE):
        return 1
    wheel, = glob.glob(os.path.join(wheels, "slickq-*.whl"))
    return 0 if pip(python, "install", "--force-reinstall", "--no-deps", wheel) else 1


sys.exit(main(*sys.argv[1:]))
