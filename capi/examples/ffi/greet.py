"""greet.py PROGRAM [ARGUMENT...]: runs one of the programs of this directory, with a queue's name as its last argument, and is the Python
process on the other side of that queue. It says what the program prints, and fails unless that is right.

Needs the package slickq, and its library (SLICKQ_LIBRARY) for both sides. Exit status 77: what the program needs is not here.
"""
import os
import re
import subprocess
import sys

from slickq import NotFoundError, Queue, Start, remove

PATIENCE = 60  # seconds: a virtual machine takes its time to start


def exchange(command, name):
    with subprocess.Popen(command + [name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, universal_newlines=True) as program:
        try:
            said = []
            for line in program.stdout:
                print("  ", line, end="")
                said.append(line.rstrip("\n"))
                if said[-1] != "ready":
                    continue
                with Queue(name) as queue:
                    reader = queue.reader(start=Start.OLDEST)
                    greeting = bytes(reader.read(timeout=PATIENCE)).decode()
                    language = greeting[len("hello from "):]
                    queue.write(f"hello {language}, this is Python".encode())
                    assert reader.read(timeout=PATIENCE).startswith(b"hello "), "its own"
                    said.append("(goodbye) " + bytes(reader.read(timeout=PATIENCE)).decode())
            status = program.wait(timeout=PATIENCE)
        finally:
            program.kill()
    return status, said


def check(said, name):
    language = re.fullmatch("read back: hello from (.+), index 0", said[0]).group(1)
    expected = [
        re.escape(said[0]),
        "timed out: SLICKQ_TIMED_OUT",
        f"error: SLICKQ_E_NOT_FOUND: .*{name}-absent.*",  # the message has the name
        "ready",
        f"[(]goodbye[)] goodbye from {re.escape(language)}",
        f"heard: hello {re.escape(language)}, this is Python, index 64",
        "closed: SLICKQ_E_HANDLE",
    ]
    assert len(said) == len(expected), said
    for line, pattern in zip(said, expected):
        assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    name = f"slickq-greet-{os.getpid()}"
    removed = True
    try:
        status, said = exchange(sys.argv[1:], name)
    finally:
        try:
            remove(name)
            removed = False
        except NotFoundError:
            pass  # as it should be
    if status == 77:
        sys.exit(77)
    assert status == 0, f"exit status {status}"
    check(said, name)
    assert removed, "the program left its queue's name behind"
