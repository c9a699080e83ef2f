"""What every topic builds on: processes of both sides, names that vanish afterwards, whole jobs with consumers that
hold the producers back."""
import itertools
import os
import unittest

import process

PEER_VERSION = tuple(int(part) for part in os.environ.get("SLICKQ_INTEROP_VERSION", "0").split("."))
PREFIX = f"slickq_interop_{os.getpid()}_"
BOTH_WAYS = (("ours", "peer"), ("peer", "ours"))
NOTHING = 2**64 - 1

_numbers = itertools.count()


def since(*version):
    """Decorates tests of what slick-queue-py has only since a version."""
    return unittest.skipIf(PEER_VERSION < version, f"needs slick-queue-py {'.'.join(map(str, version))}")


def path(name):
    return "/dev/shm/" + name


def segment(name):
    with open(path(name), "rb") as file:
        return file.read()


def pace(capacity, most, producers):
    """What keeps producers from lapping their consumers, the arguments `ahead` and `batch` of role.py's produce().

    Half of the ring is for what the consumers are behind, the other half for a batch of each producer, in which a
    record may cost twice its length where it does not fit at the end of the ring.
    """
    batch = capacity // 2 // (2 * most * producers)
    assert batch > 0, "the ring is too small"
    return capacity // 2, batch


class Case(unittest.TestCase):
    def name(self):
        """A name that is free, and is again after the test."""
        name = f"{PREFIX}{next(_numbers)}"
        self.addCleanup(lambda: os.path.exists(path(name)) and os.remove(path(name)))
        return name

    def start(self, *sides):
        """Processes that are gone after the test, whatever happens."""
        started = []
        for side in sides:
            started.append(process.Process(side))
            self.addCleanup(started[-1].kill)
        return started[0] if len(started) == 1 else started

    def assertRefused(self, kind, text, call, **arguments):
        """The call must end in that error, with the text in its message."""
        with self.assertRaises(process.Refused) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.kind, kind, caught.exception)
        self.assertRegex(str(caught.exception), text)

    def open_pair(self, creator, opener, **options):
        """A new segment made by `creator` and opened by `opener`, which adopts the capacity."""
        name = self.name()
        self.assertTrue(creator.open(name=name, **options))
        adopting = {key: value for key, value in options.items() if key != "capacity"}
        self.assertFalse(opener.open(name=name, **adopting))
        return name

    def run_job(self, capacity, producers, consumers, records, most=1, items_per_slot=1):
        """Each producer writes `records` records of up to `most` elements, each consumer reads and checks them all."""
        progress = [self.name() for _ in consumers]
        for cell in progress:
            for one in producers + consumers:
                one.cell(name=cell)
        ahead, batch = pace(capacity, most + items_per_slot - 1, len(producers))
        expected = {writer: records for writer in range(len(producers))}
        for consumer, cell in zip(consumers, progress):
            consumer.begin("consume", records=expected, progress=cell)
        for writer, producer in enumerate(producers):
            producer.begin("produce", writer=writer, records=records, most=most, followers=progress, ahead=ahead,
                           batch=batch)
        process.end_all(producers + consumers)
