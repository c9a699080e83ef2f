"""first.py [NAME] - both ends of a queue in one program: the first steps with libslickq in Python. The README quotes it."""
import sys

import slickq

name = sys.argv[1] if len(sys.argv) > 1 else "ticks"

with slickq.StructQueue("Qd", name, capacity=1024) as queue:  # opens, or creates; records are tuples
    reader = queue.reader()                                   # reads what is written from now on
    queue.put(1, 101.25)
    tick, price = reader.read(timeout=1)                      # a validated copy; waits for 1 second at most
    print(f"tick {tick} at {price:.2f}")
