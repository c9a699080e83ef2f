"""Streams real files through one shared queue between six processes and checks every byte. cmake/demo.sh runs it.

Two producers each send one half of the input. A broadcast consumer reads everything. Three consumers share the work: each
record goes to one of them. README.md tells more. Exit status 0: every byte arrived; 1: not.
"""
import argparse
import contextlib
import hashlib
import itertools
import os
import signal
import sys
import tempfile
import time

import board
from processes import Failed, Process, Troupe
from records import Damaged, read_records, rebuild

HERE = os.path.dirname(os.path.abspath(__file__))
MB = 1000 * 1000
INPUT_LENGTH = 64 * MB  # bytes to stream at least
CAPACITY = 1 << 20  # bytes of the ring: it is filled anew some 70 times
ITEMS_PER_SLOT = 64  # one control slot per 64 bytes instead of one per byte, which gives layout SLQ3
SECONDS = 120  # for everything


def parse_arguments():
    parser = argparse.ArgumentParser(description="Please run sh cmake/demo.sh, which finds the arguments.")
    parser.add_argument("--library", required=True, help="libslickq.so")
    parser.add_argument("--program", required=True, help="slickq_demo")
    parser.add_argument("--slick-queue-py", metavar="PYTHON", help="a Python that has slick-queue-py; without one, a "
                        "consumer in C++ takes its place")
    parser.add_argument("files", nargs="+", help=f"what to stream, again and again up to {INPUT_LENGTH // MB} MB")
    return parser.parse_args()


def write_input(files, path):
    """The files one after another, again and again until it is enough. Returns length and SHA-256."""
    contents = []
    for name in files:
        with open(name, "rb") as file:
            contents.append(file.read())
    if not any(contents):
        raise Failed("the input is empty: " + ", ".join(files))

    digest, length = hashlib.sha256(), 0
    with open(path, "wb") as file:
        for content in itertools.cycle(contents):
            file.write(content)
            digest.update(content)
            length += len(content)
            if length >= INPUT_LENGTH:
                return length, digest.hexdigest()


class Stage:
    """The segments that the processes meet in, seen from here."""

    def __init__(self, library, prefix):
        self._library, self._prefix = library, prefix
        self._open = contextlib.ExitStack()

    def __enter__(self):
        try:
            library, keep = self._library, self._open.enter_context
            self.queue = keep(contextlib.closing(library.Queue(
                board.queue_name(self._prefix), capacity=CAPACITY, element_size=1, items_per_slot=ITEMS_PER_SLOT)))
            keep(contextlib.closing(library.Cell(board.cursor_name(self._prefix), create=True)))
            # The last cell first: creating it gives the board its length.
            keep(contextlib.closing(library.Cell(board.board_name(self._prefix), board.LAST_OFFSET, create=True)))
            self.end = self._cell(board.END_OFFSET)
            self.end.store(board.NOT_YET)
            self.bytes = [self._cell(board.bytes_offset(number)) for number in range(board.PROCESSES)]
        except BaseException:
            self.__exit__()
            raise
        return self

    def _cell(self, offset):
        return self._open.enter_context(contextlib.closing(
            self._library.Cell(board.board_name(self._prefix), offset)))

    def remove_names(self):
        for name in (board.queue_name, board.cursor_name, board.board_name):
            with contextlib.suppress(self._library.SlickqError):  # that name was not made, or is removed already
                self._library.lib.slickq_remove(name(self._prefix).encode())

    def __exit__(self, *_):
        self.remove_names()
        self._open.close()


class Progress:
    """A line that is updated in a terminal; elsewhere a line every second."""

    def __init__(self, stage, length):
        self._stage, self._length, self._next = stage, length, 0

    def show(self, last=False):
        terminal = sys.stdout.isatty()
        if not last and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (0.1 if terminal else 1)
        numbers = [cell.load() / MB for cell in self._stage.bytes]
        sent, broadcast, shared = numbers[:board.PRODUCERS], numbers[board.PRODUCERS], numbers[board.PRODUCERS + 1:]
        line = (f"{100 * sum(shared) * MB / self._length:4.0f} %   sent {' + '.join(f'{n:.1f}' for n in sent)} MB   "
                f"broadcast {broadcast:.1f} MB   shared {' + '.join(f'{n:.1f}' for n in shared)} MB")
        print(f"\r{line}\x1b[K" if terminal else line, end="\n" if last or not terminal else "", flush=True)


def start(troupe, arguments, prefix, scratch, source, parts):
    """Starts all six; returns them by role: producers, broadcast consumer, sharers."""
    numbers = itertools.count()
    outputs = {}

    def begin(role, language, command, *rest):
        number = next(numbers)
        process = Process(number, role, language, [word if word is not NUMBER else number for word in command + rest])
        troupe.append(process)
        return process

    raise NotImplementedError


def main():
    pass
