"""first_test.py PROGRAM... - each of the first examples prints the tick that it wrote, alone and with the queue there already."""
import os
import subprocess
import sys

name = f"slickq-first-{os.getpid()}"
try:
    for program in sys.argv[1:]:
        command = [sys.executable, "-B", program] if program.endswith(".py") else [program]
        done = subprocess.run([*command, name], capture_output=True, text=True, timeout=20)
        assert (done.returncode, done.stdout, done.stderr) == (0, "tick 1 at 101.25\n", ""), (program, done)
finally:
    try:
        os.unlink(f"/dev/shm/{name}")
    except FileNotFoundError:
        pass
