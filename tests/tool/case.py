"""What the tests of the command share: running it, waiting, segments of the test's own that are removed at its end."""
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

TOOL = os.environ["SLICKQ_TOOL"]
SHM = Path("/dev/shm")
DEADLINE = 60  # seconds that anything may take; only what hangs reaches it
OK, ERROR, USAGE, LOST, UNUSABLE = range(5)


def run(*arguments, stdin=b"", **more):
    command = [TOOL, *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE, **more)


class Tool(unittest.TestCase):
    def setUp(self):
        self.prefix = f"slickq-tool-{os.getpid()}-{self.id().rsplit('.', 1)[-1]}"
        self.q = self.prefix + "-q"
        self.addCleanup(lambda: [path.unlink() for path in SHM.glob(self.prefix + "*")])

    def start(self, *arguments, **more):
        more.setdefault("stdout", subprocess.PIPE)
        process = subprocess.Popen([TOOL, *map(str, arguments)], stderr=subprocess.PIPE, **more)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def check(self, result, status, stdout=None, message=None):
        self.assertEqual(result.returncode, status, result.stderr)
        if stdout is not None:
            self.assertEqual(result.stdout, stdout)
        if message is not None:
            self.assertRegex(result.stderr.decode(), message)
        return result

    def file(self, content=b""):
        file = tempfile.TemporaryFile()
        self.addCleanup(file.close)
        file.write(content)
        file.seek(0)
        return file

    def until(self, condition):
        end = time.monotonic() + DEADLINE
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)

    def info(self, name=None):
        return json.loads(run("info", "--json", name or self.q).stdout)
