"""Runs one topic against one slick-queue-py: `python run.py VENV TOPIC`.

VENV is what make_venv.py made. Exit status 0: passed; 1: failed; 77: skipped, the reason is printed.
"""
import importlib
import os
import sys
import unittest

SKIPPED = 77


def main(venv, topic):
    python = os.path.join(venv, "bin", "python")
    try:
        with open(os.path.join(venv, "installed"), encoding="ascii") as file:
            version = file.read().strip().partition("==")[2]
    except FileNotFoundError:
        print(f"skipped: slick-queue-py could not be installed in {venv}")
        return SKIPPED
    # Read by process.py and case.py when they are imported.
    os.environ["SLICKQ_INTEROP_PYTHON"], os.environ["SLICKQ_INTEROP_VERSION"] = python, version
    print(f"slick-queue-py {version}", flush=True)

    suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module("topic_" + topic))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    left = [name for name in os.listdir("/dev/shm") if name.startswith(f"slickq_interop_{os.getpid()}_")]
    if left:
        print("left in /dev/shm:", *left)
    if left or not result.wasSuccessful() or not result.testsRun:
        return 1
    return SKIPPED if len(result.skipped) == result.testsRun else 0


sys.exit(main(*sys.argv[1:]))
