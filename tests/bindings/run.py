"""Runs one topic: `python run.py AGENTS TOPIC [AGENT...]`.

AGENTS is the file that CMake writes, in which each agent's command is. With names of agents the topic is about those (a producer
and a consumer, say), and skipped if one of them is missing; without, about all that are there. Exit status 0: passed; 1: failed;
77: skipped, the reason is printed.
"""
import importlib
import os
import sys
import unittest

import case
import process

SKIPPED = 77


def main(descriptions, topic, *names):
    known = process.read_descriptions(descriptions)
    for name in names or known:
        if name not in known:
            sys.exit(f"{name} is none of {', '.join(known)}")
        missing = known[name].missing()
        if missing is None:
            case.available[name] = known[name]
        else:
            print(f"skipped: the agent {name}, which could not be built or installed: there is no {missing}", flush=True)
    if not case.available or not case.available.keys() >= set(names):
        return SKIPPED
    case.selected[:] = names or case.available

    suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module("topic_" + topic))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    left = [name for name in os.listdir("/dev/shm") if name.startswith(case.PREFIX)]
    if left:
        print("left in /dev/shm:", *left)
    if left or not result.wasSuccessful() or not result.testsRun:
        return 1
    return SKIPPED if len(result.skipped) == result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
