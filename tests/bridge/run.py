"""Runs a topic's tests: `python run.py VENV TOPIC [TEST]`, with nats-py if VENV has it.

Exit status 77 if every one of its tests was skipped.
"""

import importlib
import os
import sys
import unittest

SKIPPED = 77

venv_python = os.path.join(sys.argv[1], "bin", "python")
if os.path.exists(os.path.join(sys.argv[1], "installed")) and sys.prefix != sys.argv[1]:
    os.execv(venv_python, [venv_python, "-B", *sys.argv])

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
module = importlib.import_module("topic_" + sys.argv[2])
loader = unittest.defaultTestLoader
suite = loader.loadTestsFromNames(sys.argv[3:], module) if len(sys.argv) > 3 else loader.loadTestsFromModule(module)
result = unittest.TextTestRunner(verbosity=2).run(suite)
if result.testsRun == len(result.skipped) and result.wasSuccessful():
    sys.exit(SKIPPED)
sys.exit(not result.wasSuccessful())
