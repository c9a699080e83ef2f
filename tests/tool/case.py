"""What the tests of the command share: running it, waiting, segments of the test's own that are removed at its end."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

for place in Path(os.environ.get("SLICKQ_TOOL_VENV", "/nonexistent")).glob("lib/python*/site-packages"):
    sys.path.append(str(place))  # what tests can do without

TOOL = os.environ["SLICKQ_TOOL"]
SHM = Path("/dev/shm")
DEADLINE = 60  # seconds that anything may take; only what hangs reaches it
OK, ERROR, USAGE, LOST, UNUSABLE = range(5)


def run(*arguments, stdin=b"", **more):
    command = [TOOL, *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE, **more)


def in_namespace(script, *arguments, options=()):
    """Runs a shell script with mounts (and what `options` say) of its own; None where that is not allowed."""
    command = ["unshare", "--mount", "--map-root-user", *options, "sh", "-ec", script, "sh", *map(str, arguments)]
    if not shutil.which("unshare") or subprocess.run([*command[:-len(arguments) - 4], "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return None
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE)


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

    def actor(self, role, *arguments, name=None):
        """A process of actor.py that has done what its role is."""
        if "SLICKQ_LIBRARY" not in os.environ:
            self.skipTest("a sanitized library can't be loaded into Python")
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
        actor = subprocess.Popen([sys.executable, "-B", Path(__file__).with_name("actor.py"), role, name or self.q, *map(str, arguments)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

        def end():
            actor.kill()
            actor.communicate()
        self.addCleanup(end)
        self.assertEqual(actor.stdout.readline(), b"ready\n")
        return actor

    def kill(self, actor):
        actor.kill()
        actor.wait()

    def lines(self, result):
        """The objects of --json, one a line."""
        self.assertEqual(result.stderr, b"")
        return [json.loads(line) for line in result.stdout.decode().splitlines()]

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
        return json.loads(run("info", "--json", name or self.q).stdout or "{}")
