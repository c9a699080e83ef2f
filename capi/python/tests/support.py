"""What the tests share: names that vanish, processes that run a piece of Python with the package."""
import itertools
import os
import subprocess
import sys
import textwrap
import unittest

import slickq

PREFIX = f"slickq_python_{os.getpid()}_"
SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(slickq.__file__)))
DEADLINE = 30  # seconds for what another process or thread does

_numbers = itertools.count()


def exists(name):
    return os.path.exists("/dev/shm/" + name)


def mapping_of(name):
    """How /proc tells a mapping of that segment: by its inode. Its creator's has no name, for it is of before there was one."""
    return f" {os.stat('/dev/shm/' + name).st_ino} "


def maps():
    """What is mapped into this process."""
    with open("/proc/self/maps", encoding="ascii") as file:
        return file.read()


def environment(**more):
    """Of a process that imports the same package."""
    return {**os.environ, "PYTHONPATH": SOURCES, "PYTHONDONTWRITEBYTECODE": "1", **more}


class Case(unittest.TestCase):
    def name(self):
        """A name that is free, and is again after the test."""
        name = f"{PREFIX}{next(_numbers)}"
        self.addCleanup(lambda: exists(name) and slickq.remove(name))
        return name

    def queue(self, *arguments, kind=slickq.Queue, **options):
        """A queue that is closed after the test: local, of 16 elements of 8 bytes, if nothing else is said."""
        options = {"capacity": 16, "element_size": 8, **options}
        queue = kind(*arguments, **options)
        self.addCleanup(queue.close)
        return queue

    def start(self, code, *arguments, **options):
        """A process that runs the code, and is gone after the test."""
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(), **options)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def finish(self, process):
        """What the process printed; it must end well, and print no error."""
        out, err = process.communicate(timeout=DEADLINE)
        self.assertEqual((process.returncode, err), (0, ""))
        return out

    def run_code(self, code, *arguments):
        return self.finish(self.start(code, *arguments))


def eight(number):
    """An element of 8 bytes."""
    return number.to_bytes(8, "little")


def numbers(data):
    """The numbers in elements of 8 bytes."""
    return [int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data), 8)]
