"""Measures the binding beside what else a Python program would use, each run with its own check of every byte.

    python bench.py [--rounds N] [--scale S] [--only uncontended|streaming|ping-pong]

Messages of 64 bytes. The peers take turns in each round (A B A B), so that what disturbs one run disturbs all peers alike.
Prints a JSON line for each run, then one for each peer with min, median, max, and the ratio of medians to slick-queue-py. Peers
that are not installed are left out: pip install slick-queue-py faster-fifo.

Workloads: "uncontended", one process sends and receives each message by itself; "streaming", one process sends, one receives;
"ping-pong", half of a round trip between two processes that spin (those with pipes sleep). The rings are lossy, so senders pace
themselves in "streaming": after 64 messages they look how far the receiver has come, and stay less than half a ring ahead.
`lost` says what was lost all the same: the check would then fail.
"""
import argparse
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from multiprocessing.shared_memory import SharedMemory

import slickq

try:
    import slick_queue_py
except ImportError:
    slick_queue_py = None
try:
    import faster_fifo
except ImportError:
    faster_fifo = None

SIZE, CAPACITY, GROUP = 64, 8192, 64
PATTERN = bytes((place * 7 + place // 64 * 31 + place // 4096) % 256 for place in range(SIZE * 512))
MESSAGES = [PATTERN[place:place + SIZE] for place in range(0, len(PATTERN), SIZE)]
GROUPS = [PATTERN[place:place + SIZE * GROUP] for place in range(0, len(PATTERN), SIZE * GROUP)]
BASELINE = "slick-queue-py"


# ---- the peers. One object per direction; sender() and receiver() are called in the process that uses them and return the
# functions send(message) and receive() -> message or None, or for groups send(bytes) and receive() -> bytes or None.

class Ring:
    """What rings have in common: a name, and removing it."""

    paced, grouped = True, False

    def __init__(self):
        self.name = f"slickq_bench_{os.getpid()}_{time.monotonic_ns()}"
        self.owner = self.make(capacity=CAPACITY)
        self.opened = None

    def open(self):
        self.opened = self.make()
        return self.opened

    def lost(self):
        return self.opened.loss_count()

    def close(self):
        self.owner.close()
        slickq.remove(self.name)


class Singly(Ring):
    """Queue.write() and Queue.read()."""

    def make(self, **options):
        return slickq.Queue(self.name, element_size=SIZE, **options)

    def sender(self):
        return self.open().write

    def receiver(self):
        return plain_receiver(self.open().read)


class ThroughReader(Singly):
    """Queue.write() and Reader.read()."""

    def receiver(self):
        self.reader = self.open().reader(slickq.Start.OLDEST)
        return self.reader.read

    def lost(self):
        return sum(self.reader.losses)


class Batches(ThroughReader):
    """Queue.write_batch() and Reader.read_batch()."""

    grouped = True

    def sender(self):
        return self.open().write_batch

    def receiver(self):
        self.reader = self.open().reader(slickq.Start.OLDEST)
        read_batch = self.reader.read_batch

        def receive():
            batch = read_batch()
            return None if batch is None else batch.data
        return receive


class Lossless(Batches):
    """The same, where the library paces the sender."""

    paced = False

    def make(self, **options):
        return slickq.Queue(self.name, element_size=SIZE, lossless=True, **options)

    def sender(self):
        write_batch = self.open().write_batch
        while not self.opened.consumers():
            time.sleep(0.001)
        return lambda data: write_batch(data, None, None)

    def receiver(self):
        self.reader = self.open().reader(slickq.Start.OLDEST, registered=True)
        return lambda: getattr(self.reader.read_batch(), "data", None)


class DropIn(Ring):
    """SlickQueue, as programs for slick-queue-py use it."""

    module = slickq

    def make(self, capacity=None):
        return self.module.SlickQueue(name=self.name, size=capacity, element_size=SIZE)

    def sender(self):
        queue = self.open()

        def send(message):
            index = queue.reserve()
            queue[index][:] = message
            queue.publish(index)
        return send

    def receiver(self):
        return plain_receiver(self.open().read)


class Peer(DropIn):
    """slick-queue-py."""

    module = slick_queue_py


def plain_receiver(read):
    cursor = 0

    def receive():
        nonlocal cursor
        data, _, cursor = read(cursor)
        return data
    return receive


class Piped:
    """What paces and wakes by itself."""

    paced, grouped = False, False

    def lost(self):
        return 0

    def close(self):
        pass


class MpQueue(Piped):
    """multiprocessing.Queue."""

    def __init__(self):
        self.queue = multiprocessing.Queue(CAPACITY)

    def sender(self):
        return self.queue.put

    def receiver(self):
        return self.queue.get


class MpPipe(Piped):
    """multiprocessing.Pipe, with send_bytes()."""

    def __init__(self):
        self.receiving, self.sending = multiprocessing.Pipe(False)

    def sender(self):
        return self.sending.send_bytes

    def receiver(self):
        return self.receiving.recv_bytes


class FasterFifo(Piped):
    """faster_fifo.Queue."""

    def __init__(self):
        self.queue = faster_fifo.Queue(CAPACITY * 128)

    def sender(self):
        return self.queue.put

    def receiver(self):
        return self.queue.get


PEERS = {"slickq write, read": Singly, "slickq write, reader": ThroughReader, "slickq batches of 64": Batches,
         "slickq batches, lossless": Lossless, "slickq.SlickQueue": DropIn}
if slick_queue_py:
    PEERS[BASELINE] = Peer
PEERS.update({"multiprocessing.Queue": MpQueue, "multiprocessing.Pipe": MpPipe})
if faster_fifo:
    PEERS["faster-fifo"] = FasterFifo


# ---- the workloads. Each gives (what was measured, lost)

def check(data, position):
    """Whether these are the bytes that come at that message of the stream."""
    place = position % len(MESSAGES) * SIZE
    expected = PATTERN[place:place + len(data)]
    if len(expected) < len(data):
        expected = (PATTERN * (len(data) // len(PATTERN) + 2))[place:place + len(data)]
    if data != expected:
        raise ValueError(f"message {position} is not what was sent")
    return len(data) // SIZE


def uncontended(kind, messages):
    """Million messages a second."""
    peer = kind()
    try:
        receive, send = peer.receiver(), peer.sender()
        pieces, step = (GROUPS, GROUP) if peer.grouped else (MESSAGES, 1)
        begun = time.perf_counter()
        for position in range(0, messages, step):
            piece = pieces[position // step % len(pieces)]
            send(piece)
            if receive() != piece:
                raise ValueError(f"message {position} is not what was sent")
        return messages / (time.perf_counter() - begun) / 1e6, peer.lost()
    finally:
        peer.close()


def stream_out(peer, messages, progress, ready):
    send = peer.sender()
    pieces, step = (GROUPS, GROUP) if peer.grouped else (MESSAGES, 1)
    ready.wait()
    come = progress.buf.cast("Q")
    for position in range(0, messages, step):
        send(pieces[position // step % len(pieces)])
        if peer.paced and position % GROUP == 0:
            while position - come[0] > CAPACITY // 2 - 2 * GROUP:
                pass
    come.release()


def streaming(kind, messages):
    """Million messages a second."""
    peer, progress, ready = kind(), SharedMemory(create=True, size=8), multiprocessing.Event()
    try:
        come = progress.buf.cast("Q")
        child = multiprocessing.Process(target=stream_out, args=(peer, messages, progress, ready), daemon=True)
        child.start()
        receive, position, told = peer.receiver(), 0, 0
        time.sleep(0.2)  # the child has started
        begun = time.perf_counter()
        ready.set()
        while position < messages:
            data = receive()
            if data is None:
                if not child.is_alive() and time.perf_counter() - begun > 60:
                    raise ValueError(f"{messages - position} messages did not come")
                continue
            if len(data) == SIZE:
                if data != MESSAGES[position & 511]:
                    raise ValueError(f"message {position} is not what was sent")
                position += 1
            else:
                position += check(data, position)
            if position - told >= GROUP:
                come[0] = told = position
        rate = messages / (time.perf_counter() - begun) / 1e6
        child.join()
        come.release()
        return rate, peer.lost()
    finally:
        peer.close()
        progress.close()
        progress.unlink()


def echo(there, back, rounds):
    receive, send = there.receiver(), back.sender()
    for _ in range(rounds):
        data = receive()
        while data is None:
            data = receive()
        send(data)


def ping_pong(kind, rounds):
    """Microseconds one way, median."""
    there, back = kind(), kind()
    try:
        child = multiprocessing.Process(target=echo, args=(there, back, rounds), daemon=True)
        child.start()
        send, receive, times = there.sender(), back.receiver(), []
        for number in range(rounds):
            message = MESSAGES[number & 511]
            begun = time.perf_counter_ns()
            send(message)
            data = receive()
            while data is None:
                data = receive()
            times.append(time.perf_counter_ns() - begun)
            if data != message:
                raise ValueError(f"message {number} is not what was sent")
        child.join()
        return statistics.median(times) / 2e3, back.lost()
    finally:
        there.close()
        back.close()


SPINNING = ("slickq write, read", "slickq write, reader", "slickq.SlickQueue", BASELINE)
WORKLOADS = {  # function, unit, messages, messages of slower peers, peers
    "uncontended": (uncontended, "M/s", 100_000, 30_000,
                    SPINNING + ("slickq batches of 64",)),
    "streaming": (streaming, "M/s", 200_000, 60_000, tuple(PEERS)),
    "ping-pong": (ping_pong, "us", 4_000, 2_000,
                  SPINNING + ("multiprocessing.Queue", "multiprocessing.Pipe", "faster-fifo")),
}
BATCH_FACTOR = 40  # more messages where they are so much faster


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1, help="of the number of messages")
    parser.add_argument("--only", choices=WORKLOADS)
    options = parser.parse_args()

    results = {}
    for number in range(options.rounds):
        for workload, (function, unit, many, few, names) in WORKLOADS.items():
            if options.only not in (None, workload):
                continue
            for name in names:
                if name not in PEERS:
                    continue
                messages = many * BATCH_FACTOR if "batches" in name else many if name.startswith("slickq") else few
                messages = max(1, int(messages * options.scale) // GROUP) * GROUP
                value, lost = function(PEERS[name], messages)
                results.setdefault((workload, name, unit), []).append(value)
                print(json.dumps({"workload": workload, "peer": name, "round": number, unit: round(value, 3),
                                  "messages": messages, "lost": lost}), flush=True)

    system = {"python": platform.python_version(), "library": slickq.__version__, "cpus": os.cpu_count(),
              "machine": platform.machine()}
    for (workload, name, unit), values in results.items():
        base = results.get((workload, BASELINE, unit))
        line = {"workload": workload, "peer": name, "unit": unit, "n": len(values), "min": round(min(values), 3),
                "median": round(statistics.median(values), 3), "max": round(max(values), 3)}
        if base:
            ratio = statistics.median(values) / statistics.median(base)
            line["times faster than " + BASELINE] = round(1 / ratio if unit == "us" else ratio, 2)
        print(json.dumps({**line, **system}), flush=True)


if __name__ == "__main__":
    if sys.platform == "linux":
        multiprocessing.set_start_method("fork")  # the peers are handed on by inheritance
    main()
