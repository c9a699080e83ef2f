"""What every topic builds on: agents and names that are gone after the test, and the words of the protocol."""
import contextlib
import itertools
import os
import unittest

import process

PREFIX = f"slickq_bindings_{os.getpid()}_"
PEER = "peer"  # the agent over slick-queue-py: it has no validated readers, groups, lossless producers and statuses

OURS = ("c", "cpp", "python", "rust", "go")
CLAIM_TELLS_NO_INDEX = ("cpp", PEER)  # both tell where the record lies instead: in memory, or in the ring

# As in slickq.h.
ANY, SLQ0, SLQ1, SLQ2, SLQ3, PACKED, WIDE = range(7)
LAYOUTS = {"SLQ0": SLQ0, "SLQ1": SLQ1, "SLQ2": SLQ2, "SLQ3": SLQ3, "packed": PACKED, "wide": WIDE}
READ_ONLY, LOSSLESS, SINGLE_PRODUCER = 1, 2, 4
NOW, OLDEST, NEWEST = range(3)
AT_LEAST_ONCE, AT_MOST_ONCE = 2, 3

# Set by run.py: the descriptions of the agents that can run, by name, and the names of those that this run is about.
available = {}
selected = []

_numbers = itertools.count()


def path(name):
    return "/dev/shm/" + name


def segment(name):
    with open(path(name), "rb") as file:
        return file.read()


LAPPED = "SLICKQ_LAPPED ..."  # with or without more to say


def found(record, cursor):
    """The answer to read and read_copy."""
    return f"empty {cursor}" if record is None else "ok {} {} {} {}".format(cursor, *record[:2], record[2].hex())


def claimed(record, index=None):
    """The answer to claim and read_last, and to next_record if there is a record. index: what is expected in place of its index."""
    return "empty" if record is None else f"ok {record[0] if index is None else index} {record[1]} {record[2].hex()}"


def batched(records):
    """The records in the answer to read_batch and next_batch."""
    places = ",".join(f"{index}:{count}" for index, count, _ in records)
    return f"{places} {b''.join(data for _, _, data in records).hex()}"


either = process.either


def elements_of(writer, number, most):
    return 1 + (number * 7 + number // 11 + writer) % most


def payload(writer, number, most, element_size):
    """The record that produce and consume mean by these."""
    length = elements_of(writer, number, most) * element_size
    body = bytes((writer * 131 + number * 31 + place * 7 + 13) % 256 for place in range(length))
    return number.to_bytes(4, "little")[:length] + body[4:]


class Case(unittest.TestCase):
    def name(self, content=None):
        """A name that is free, and is again after the test; of a segment with that content, if there is one."""
        name = f"{PREFIX}{next(_numbers)}"
        self.addCleanup(self._remove, name)
        if content is not None:
            with open(path(name), "xb") as file:
                file.write(content)
        return name

    @staticmethod
    def _remove(name):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path(name))

    def start(self, name):
        """An agent that is gone after the test, whatever happens."""
        agent = process.Agent(available[name])
        self.addCleanup(agent.kill)
        return agent

    def expect_segment(self, agent, name, expected, after):
        """The segment begins with these bytes."""
        got = segment(name)[:len(expected)]
        if got != expected:
            at = next((k for k, (a, b) in enumerate(zip(got, expected)) if a != b), len(got))
            raise AssertionError(f"{agent.name}: after {after} the segment differs from byte {at} on\n"
                                 f"  expected: {expected[at:at + 64].hex()}\n  there is: {got[at:at + 64].hex()}")
