"""An agent: a process that obeys requests, one a line, with an answer each (README.md)."""
import collections
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time

DEADLINE = time.monotonic() + 100  # for all that is waited for in one run: a hang ends it in good order


class Description:
    """How to start an agent: an entry of the file that CMake writes."""

    def __init__(self, name, command, environment, needs):
        self.name, self.command, self.environment, self.needs = name, command, environment, needs

    def missing(self):
        """The file for want of which the agent can't run, or None."""
        return next((path for path in self.needs if not os.path.exists(path)), None)


def read_descriptions(path):
    """By name, in the order of the file."""
    with open(path, encoding="utf-8") as file:
        return {name: Description(name, **entry) for name, entry in json.load(file).items()}


def either(*answers):
    """Any of them will do."""
    return " | ".join(dict.fromkeys(answers))


def matches(expected, answer):
    """Of an error only its name counts: the message is each binding's own. "*" is any word, "..." any words or none. An outcome
    expected as "NAME ..." may also be told as an error."""
    if " | " in expected:
        return any(matches(one, answer) for one in expected.split(" | "))
    expected, words = expected.split(" "), answer.split(" ")
    if expected[0] == "error":
        words = words[:2]
    elif expected[-1] == "...":
        expected.pop()
        words = words[words[0] == "error":][:len(expected)]
    return len(words) == len(expected) and all(ours in ("*", theirs) for ours, theirs in zip(expected, words))


class Agent:
    def __init__(self, description):
        self.name = description.name
        self._stderr = tempfile.TemporaryFile()
        self._child = subprocess.Popen(description.command, env={**os.environ, **description.environment},
                                       universal_newlines=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=self._stderr)
        self._requests = collections.deque()  # not answered yet
        self._answers = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self, *requests):
        """Sends requests; end() gets the answers, in the same order."""
        self._requests.extend(requests)
        with contextlib.suppress(BrokenPipeError):  # it has died: end() tells how
            self._child.stdin.write("".join(request + "\n" for request in requests))
            self._child.stdin.flush()

    def end(self):
        """The answer to the oldest request that has none yet."""
        request = self._requests.popleft()
        try:
            answer = self._answers.get(timeout=max(0, DEADLINE - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"{self.name}: no answer to {request!r}") from None
        if answer is None:
            self._stderr.seek(0)
            raise AssertionError(f"{self.name}: exited with {self._child.wait()} at {request!r}\n"
                                 f"{self._stderr.read().decode(errors='replace')}")
        return answer

    def has_answer(self):
        return not self._answers.empty()

    def ask(self, request):
        self.begin(request)
        return self.end()

    def check(self, request, expected, answer, where=""):
        if not matches(expected, answer):
            raise AssertionError(f"{self.name}: {request!r}{where}\n  expected: {expected}\n  answered: {answer}")

    def expect(self, request, expected):
        self.check(request, expected, self.ask(request))

    def expect_all(self, exchange):
        """Sends all requests before it reads the first answer: exchange is [(request, expected answer), ...]."""
        self.begin(*(request for request, _ in exchange))
        answers = [self.end() for _ in exchange]  # all of them, so that it can be asked more after a wrong one
        for number, ((request, expected), answer) in enumerate(zip(exchange, answers)):
            self.check(request, expected, answer, f", request {number} of {len(exchange)}")

    def number(self, request):
        """The only word after "ok"."""
        words = self.ask(request).split()
        if len(words) != 2 or words[0] != "ok" or not words[1].isdigit():
            raise AssertionError(f"{self.name}: {request!r}\n  expected: ok NUMBER\n  answered: {' '.join(words)}")
        return int(words[1])

    def kill(self):
        self._child.kill()
        self._child.wait()
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        self._stderr.close()

    def quit(self):
        """Ends it as its user would. The exit status."""
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        return self._child.wait(timeout=max(0, DEADLINE - time.monotonic()))

    def _listen(self):
        with self._child.stdout as answers:
            for line in answers:
                self._answers.put(line.rstrip("\n"))
        self._answers.put(None)
