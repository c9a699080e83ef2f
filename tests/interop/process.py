"""A process that plays one side (see role.py), as an object whose methods are those of the role."""
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

ROLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "role.py")
PEER_PYTHON = os.environ.get("SLICKQ_INTEROP_PYTHON", "")
DEADLINE = time.monotonic() + 150  # for all that is waited for in one run: a hang ends it in good order


def end_all(processes):
    """The answers of all, by process. An error of any ends the wait."""
    answers, pending = {}, set(processes)
    while pending:
        for one in list(pending):
            if one.has_answer() or time.monotonic() > DEADLINE:
                answers[one] = one.end()
                pending.remove(one)
        time.sleep(0.002)
    return answers


class Refused(Exception):
    """The other process answered with an error. `kind`: the status' name or the exception's type."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Process:
    def __init__(self, side):
        self.side = side
        self._stderr = tempfile.TemporaryFile()
        python = PEER_PYTHON if side == "peer" else sys.executable
        self._child = subprocess.Popen([python, "-B", ROLE, side], text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=self._stderr)
        self._answers = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self, method, **arguments):
        """Sends a request; end() gets its answer."""
        with contextlib.suppress(BrokenPipeError):  # it has died: end() tells how
            self._child.stdin.write(json.dumps({"method": method, **arguments}) + "\n")
            self._child.stdin.flush()

    def has_answer(self):
        return not self._answers.empty()

    def end(self):
        try:
            answer = self._answers.get(timeout=max(0, DEADLINE - time.monotonic()))
        except queue.Empty:
            raise TimeoutError(f"{self.side}: no answer") from None
        if answer is None:
            self._stderr.seek(0)
            raise EOFError(f"{self.side}: exited with {self._child.wait()}\n{self._stderr.read().decode()}")
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["result"]

    def __getattr__(self, method):
        def call(**arguments):
            self.begin(method, **arguments)
            return self.end()
        return call

    def kill(self):
        self._child.kill()
        self._child.wait()
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        self._stderr.close()

    def _listen(self):
        with self._child.stdout as answers:
            for line in answers:
                self._answers.put(json.loads(line))
        self._answers.put(None)
