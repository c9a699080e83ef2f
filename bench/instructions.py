#!/usr/bin/env python3
"""Instructions per item of push and pop on one thread, by valgrind's callgrind. The same build gives the same numbers every time, so
a path that grew is seen without any timing.

    python3 bench/instructions.py build/bench/slickq_bench
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

QUEUES = ["ours_slq1", "ours_slq0", "ours_slq1_prompt", "ours_slq0_prompt", "ours_slq1_sp", "ours_slq0_sp",
          "ours_slq1_validated", "ours_slq1_g16", "ours_slq1_prompt_g16", "ours_slq1_sp_g16", "ours_slq1_g64",
          "ours_slq1_g64_validated", "c_slq1", "c_slq1_prompt", "c_slq1_four_calls", "c_slq1_prompt_four_calls", "c_slq1_sp",
          "c_slq1_validated", "c_slq1_g16", "c_slq1_prompt_g16", "c_slq1_g64", "c_slq1_g64_validated", "slick", "slick_r16",
          "boost_spsc", "boost_spsc_g16", "boost_queue"]
FEW, MANY = 6_400, 12_800  # items; the difference is free of everything that is done once


def instructions_of(bench, queue, items):
    """All instructions of one run; None if this build has no such queue."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", bench, "count", "--queues", queue,
                           "--items", str(items), "--capacity", "256"], capture_output=True, text=True, check=False)
    if done.returncode == 2:
        return None
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"instructions.py: {queue}: {done.stderr[-500:]}")
    return int(found.group(1))


def count(bench, where):
    """Rows for the results; none, and a word about it, without valgrind."""
    if shutil.which("valgrind") is None:
        print("left out: instructions: no valgrind")
        return []
    rows = []
    for queue in QUEUES:
        few = instructions_of(bench, queue, FEW)
        if few is None:
            continue
        each = (instructions_of(bench, queue, MANY) - few) / (MANY - FEW)
        print(f"{queue:26} {each:8.2f} instructions per item", flush=True)
        rows.append({"kind": "instructions", "part": "", "workload": "uncontended", "queue": queue, "bytes": 8, "mode": "thread",
                     "capacity": 256, "n": 1, "numbers": {"instructions": [round(each, 2)]}, **where})
    return rows


if __name__ == "__main__":
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).exists():
        sys.exit(__doc__)
    for row in count(sys.argv[1], {}):
        print(json.dumps(row))
