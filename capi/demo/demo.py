"""The main job, shown: demo.py STREAM_PROGRAM LIBRARY [--peer PYTHON] FILE...

Streams the FILEs, joined, from two producers through one shared queue to a broadcast consumer and to three that share the work,
and checks every byte. PYTHON is an interpreter that has slick-queue-py; without it a consumer with ctypes takes its place.
Exit status 0 only if every check holds.
"""
import argparse
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CTYPES_MODULE = os.path.join(HERE, "..", "..", "tests", "interop")  # slickq_ctypes.py, shared with the tests
HEADER = struct.Struct("<IIQII")  # producer, sequence, offset, length, is_last
PRODUCERS = 2
CAPACITY = 1 << 20  # bytes, much less than the stream: the ring goes round many times
ITEMS_PER_SLOT = 64
# Cells of the board, with stream.cpp and consumer.py.
DONE, BROADCAST, FIRST_SHARER, SHARED_CURSOR, CELLS = 0, 1, 2, 5, 6
DEADLINE = 120  # seconds


class Failure(Exception):
    pass


class Process:
    def __init__(self, role, language, command, environment):
        self.role, self.language, self.output, self.result = role, language, None, None
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def finish(self, deadline):
        try:
            out, _ = self.process.communicate(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.role} ({self.language}) does not end") from None
        if self.process.returncode != 0:
            raise Failure(f"{self.role} ({self.language}) failed with status {self.process.returncode}")
        self.result = json.loads(out)


def rebuild(outputs, length):
    """The stream of each producer, from what the consumers wrote; every record exactly once, nothing missing."""
    streams, seen = [bytearray(length) for _ in range(PRODUCERS)], [{} for _ in range(PRODUCERS)]
    for output in outputs:
        with open(output, "rb") as file:
            content = file.read()
        at = 0
        while at < len(content):
            producer, sequence, offset, count, is_last = HEADER.unpack_from(content, at)
            if producer >= PRODUCERS or sequence in seen[producer]:
                raise Failure(f"record {sequence} of producer {producer} came twice")
            seen[producer][sequence] = is_last
            at += HEADER.size
            streams[producer][offset:offset + count] = content[at:at + count]
            at += count
    for producer, records in enumerate(seen):
        if not records or sorted(records) != list(range(len(records))) or not records[len(records) - 1]:
            raise Failure(f"records of producer {producer} are missing")
    return streams


def is_running(processes):
    for p in processes:
        if p.process.poll() not in (None, 0):
            raise Failure(f"{p.role} ({p.language}) failed with status {p.process.returncode}")
    return any(p.process.poll() is None for p in processes)


def show_progress(queue, total, end="\r" if sys.stdout.isatty() else "\n"):
    index = queue.initial_reading_index()
    print(f"  {min(index, total) / 1e6:7.1f} of {total / 1e6:.1f} MB through a ring of {CAPACITY / 1e6:.1f} MB, "
          f"{index // CAPACITY:4d} times round", end=end, flush=True)


def run(arguments, names, scratch):
    os.environ["SLICKQ_LIBRARY"] = arguments.library
    sys.path.insert(0, CTYPES_MODULE)
    import slickq_ctypes as slickq

    content = b"".join(open(name, "rb").read() for name in arguments.files)
    source = os.path.join(scratch, "source")
    with open(source, "wb") as file:
        file.write(content)
    wanted = hashlib.sha256(content).hexdigest()
    print(f"source: {', '.join(map(os.path.basename, arguments.files))}: {len(content) / 1e6:.1f} MB, sha256 {wanted[:16]}...")

    queue_name, board_name = names
    queue = slickq.Queue(queue_name, create=True, capacity=CAPACITY, element_size=1, items_per_slot=ITEMS_PER_SLOT)
    board = slickq.Cursor(board_name, 8 * (CELLS - 1))  # the last cell: the segment has room for all before it
    done = slickq.Cursor(board_name, 8 * DONE)

    environment = dict(os.environ, PYTHONPATH=CTYPES_MODULE)
    script = os.path.join(HERE, "consumer.py")

    def consumer(role, language, program, cell, *shared):
        output = os.path.join(scratch, f"output{cell}")
        made = Process(role, language, [*program, queue_name, board_name, str(cell), output, *map(str, shared)], environment)
        made.output = output
        return made

    sharers = [("C++", [arguments.stream, "consume"]), ("Python, ctypes", [sys.executable, script, "ctypes"])]
    if arguments.peer:
        sharers.append(("slick-queue-py", [arguments.peer, script, "slick-queue-py"]))
    else:
        print("SKIPPED: the consumer with the real slick-queue-py (it could not be installed); a second one with ctypes instead")
        sharers.append(("Python, ctypes", sharers[1][1]))

    processes = []
    try:
        broadcast = consumer("broadcast consumer", "C++", [arguments.stream, "consume"], BROADCAST)
        processes.append(broadcast)
        for number, (language, program) in enumerate(sharers):
            processes.append(consumer(f"sharing consumer {number + 1}", language, program, FIRST_SHARER + number, SHARED_CURSOR))
        producers = [Process(f"producer {n + 1}", "C++", [arguments.stream, "produce", queue_name, board_name, str(n), source],
                             environment) for n in range(PRODUCERS)]
        processes[:0] = producers

        deadline = time.monotonic() + DEADLINE
        while is_running(producers):
            is_running(processes)
            if time.monotonic() > deadline:
                raise Failure(f"it takes more than {DEADLINE} s")
            show_progress(queue, PRODUCERS * len(content))
            time.sleep(0.1)
        show_progress(queue, queue.initial_reading_index(), end="\n")
        done.store(1)
        for p in processes:
            p.finish(deadline)
    finally:
        for p in processes:
            if p.process.poll() is None:
                p.process.send_signal(signal.SIGKILL)
                p.process.wait()
        for thing in (queue, board, done):
            thing.close()

    # Each end against the source.
    checks = {}
    for what, outputs in (("broadcast", [broadcast.output]),
                          ("sharing", [p.output for p in processes if p.role.startswith("sharing")])):
        streams = rebuild(outputs, len(content))
        checks[what] = all(hashlib.sha256(stream).hexdigest() == wanted for stream in streams)

    print(f"\n  {'process':20} {'language':15} {'records':>8} {'MB':>7} {'MB/s':>7} {'lost':>5}  sha256")
    for p in processes:
        r = p.result
        kind = p.role.split()[0]
        check = "source" if kind == "producer" else "ok" if checks[kind] else "WRONG"
        check += " (the three together)" if kind == "sharing" else ""
        print(f"  {p.role:20} {p.language:15} {r['records']:8d} {r['bytes'] / 1e6:7.1f} {r['bytes'] / 1e6 / r['seconds']:7.1f} "
              f"{r['lost']:5d}  {check}")
    lost = sum(p.result["lost"] for p in processes)
    if lost or not all(checks.values()):
        raise Failure(f"{lost} elements lost, checks {checks}")
    print(f"\nEvery byte of both producers arrived at the broadcast consumer, and once among the three that share: "
          f"sha256 {wanted[:16]}...")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stream")
    parser.add_argument("library")
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    names = [f"slickq-demo-{os.getpid()}-{what}" for what in ("queue", "board")]
    try:
        with tempfile.TemporaryDirectory(prefix="slickq-demo-") as scratch:
            run(arguments, names, scratch)
    except (Failure, OSError) as failure:
        print(f"\nDEMO FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        for name in names:
            if os.path.exists(f"/dev/shm/{name}"):
                os.remove(f"/dev/shm/{name}")
    return 0


sys.exit(main())
