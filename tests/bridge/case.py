"""What the bridge's tests share: real nats-server processes on loopback, bridges, queues, and their end."""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BRIDGE = os.environ["SLICKQ_BRIDGE"]
TRAFFIC = os.environ["SLICKQ_BRIDGE_TRAFFIC"]
TOOL = os.environ["SLICKQ_TOOL"]
SERVER = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/sbin")
SKIPPED = 77
DEADLINE = 60  # seconds that anything may take; only what hangs reaches it


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A child that is ended with the test, and whose standard error is kept."""

    def __init__(self, arguments, stdout=None, prefix=(), **more):
        self.log = tempfile.TemporaryFile()
        self.arguments = [*prefix, *map(str, arguments)]
        self.popen = subprocess.Popen(self.arguments, stdout=stdout, stderr=self.log, **more)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def close(self):
        self.kill()
        self.log.close()
        if self.popen.stdout is not None:
            self.popen.stdout.close()

    def terminate(self):
        """SIGTERM, and the exit status."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(DEADLINE)


class Server:
    def __init__(self, directory, config="", jetstream=True, address="127.0.0.1", prefix=(), store=None):
        self.port = free_port()
        self.address = address
        self.directory = Path(directory)
        self.prefix = prefix
        self.url = f"nats://{address}:{self.port}"
        self.config = self.directory / f"server-{self.port}.conf"
        store = store or f"{self.directory}/store-{self.port}"
        store = f'jetstream {{ store_dir: "{store}" }}\n' if jetstream else ""
        self.config.write_text(f"listen: {address}:{self.port}\n{store}{config}\n")
        self.process = None
        self.start()

    def start(self):
        if self.process is not None:
            self.process.close()
        self.process = Process([SERVER, "-c", self.config], prefix=self.prefix)
        end = time.monotonic() + DEADLINE
        while "Server is ready" not in self.process.said():
            if time.monotonic() > end or self.process.popen.poll() is not None:
                raise RuntimeError("nats-server did not start:\n" + self.process.said())
            time.sleep(0.01)

    def kill(self):
        self.process.kill()

    def close(self):
        self.process.close()


@unittest.skipIf(SERVER is None, "nats-server is not installed (Debian: nats-server)")
class BridgeCase(unittest.TestCase):
    def setUp(self):
        self.prefix = f"slickq-bridge-{os.getpid()}-"
        self.directory = Path(tempfile.mkdtemp(prefix="slickq-bridge-"))
        self.state = self.directory / "state"
        self.processes = []
        self.addCleanup(self.clean_up)

    def clean_up(self):
        for process in self.processes:
            process.close()
        for path in Path("/dev/shm").glob(self.prefix + "*"):
            path.unlink()
        shutil.rmtree(self.directory, ignore_errors=True)

    def queue(self, name):
        return self.prefix + name

    def server(self, *arguments, **more):
        server = Server(self.directory, *arguments, **more)
        self.processes.append(server)
        return server

    def start(self, *arguments, **more):
        process = Process(arguments, **more)
        self.processes.append(process)
        return process

    def bridge(self, *arguments, **more):
        """A running slickq-bridge; its standard error is shown if the test fails."""
        process = self.start(BRIDGE, *arguments, "--state-directory", self.state, **more)
        self.addCleanup(lambda: self.show_if_failed(process))
        return process

    def show_if_failed(self, process):
        if getattr(self._outcome, "success", True) is False:
            print("--", " ".join(process.arguments), "\n" + process.said()[-3000:])

    def run_config(self, text, name="bridge", **more):
        """slickq-bridge run with that configuration, and state_directory set."""
        path = self.directory / f"{name}.toml"
        path.write_text(f'state_directory = "{self.state}"\n{text}')
        process = self.start(BRIDGE, "run", path, **more)
        self.addCleanup(lambda: self.show_if_failed(process))
        return process

    def produce(self, queue, *options, **more):
        return self.start(TRAFFIC, "produce", queue, *options, **more)

    def consume(self, queue, *options, **more):
        return self.start(TRAFFIC, "consume", queue, *options, stdout=subprocess.PIPE, **more)

    def finish(self, process, status=0, timeout=DEADLINE):
        """Its exit status must be that; what it wrote to standard output."""
        out, _ = process.popen.communicate(timeout=timeout)
        self.assertEqual(process.popen.returncode, status, (out, process.said()))
        return out.decode() if out is not None else ""

    def consumed(self, process, timeout=DEADLINE):
        return json.loads(self.finish(process, timeout=timeout))

    def status(self, direction):
        result = subprocess.run(
            [BRIDGE, "status", "--json", "--state-directory", self.state], stdout=subprocess.PIPE, timeout=DEADLINE
        )
        seen = [d for d in json.loads(result.stdout) if d["direction"] == direction]
        return seen[0] if seen else {"records_total": -1, "refusals_total": -1, "refused_records_total": -1}  # not yet

    def until(self, condition, what="it", timeout=DEADLINE):
        end = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), end, f"{what} did not come")
            time.sleep(0.01)

    def create_queue(self, name, capacity=1024, element_size=64):
        result = subprocess.run(
            [
                TOOL,
                "send",
                "--create",
                "--capacity",
                str(capacity),
                "--element-size",
                str(element_size),
                "--items-per-slot",
                "1",
                name,
            ],
            input=b"",
            timeout=DEADLINE,
            stderr=subprocess.PIPE,
        )
        self.assertEqual(result.returncode, 0, result.stderr)

    def remove(self, name):
        (Path("/dev/shm") / name).unlink()

    def reset(self, name):
        library = ctypes.CDLL(os.environ["SLICKQ_LIBRARY"])
        queue = ctypes.c_void_p()
        self.assertEqual(library.slickq_queue_open(name.encode(), None, ctypes.byref(queue)), 0)
        self.assertEqual(library.slickq_queue_reset(queue), 0)
        self.assertEqual(library.slickq_queue_close(queue), 0)
