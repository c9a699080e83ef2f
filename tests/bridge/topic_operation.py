"""What an operator sees and does: status, metrics, logs, secrets, a clean stop."""

import json
import os
import re
import shutil
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

from case import BRIDGE, TOOL, BridgeCase, free_port
import nats_client

SECRET = "s3cr3t-Xq7"


def secret_file(directory, text, mode=0o600):
    path = directory / f"secret-{len(list(directory.iterdir()))}"
    path.write_text(text + "\n")
    path.chmod(mode)
    return path


class Operation(BridgeCase):
    def run_bridge(self, *arguments):
        return subprocess.run(
            [BRIDGE, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, text=True
        )

    def connects(self, server, *options, env=None):
        queue = self.queue("a")
        if not (Path("/dev/shm") / queue).exists():
            self.create_queue(queue)
        bridge = self.bridge(
            "out", queue, "--to", "ticks", "--core", "--server", server.url, *options, env={**os.environ, **(env or {})}
        )
        self.until(lambda: "publishes to" in bridge.said())
        command_line = Path(f"/proc/{bridge.popen.pid}/cmdline").read_bytes()
        self.assertNotIn(SECRET.encode(), command_line)
        self.assertEqual(bridge.terminate(), 0)
        self.assertNotIn(SECRET, bridge.said())

    def refused(self, server, message, *options):
        queue = self.queue("r")
        self.create_queue(queue)
        bridge = self.bridge("out", queue, "--to", "ticks", "--core", "--name", "r", "--server", server.url, *options)
        self.until(lambda: re.search(message, bridge.said()), message)
        self.assertNotIn(SECRET, bridge.said())
        bridge.kill()
        self.remove(queue)

    def test_user_and_password(self):
        server = self.server(f'authorization {{ user: bridge, password: "{SECRET}" }}', jetstream=False)
        self.connects(server, "--user", "bridge", "--password-file", secret_file(self.directory, SECRET))
        self.connects(server, "--user", "bridge", env={"SLICKQ_BRIDGE_PASSWORD": SECRET})
        self.refused(
            server,
            "cannot connect.*[Aa]uthoriz",
            "--user",
            "bridge",
            "--password-file",
            secret_file(self.directory, SECRET + "x"),
        )
        self.refused(
            server,
            "can be read by everybody",
            "--user",
            "bridge",
            "--password-file",
            secret_file(self.directory, SECRET, 0o644),
        )

    def test_token(self):
        server = self.server(f'authorization {{ token: "{SECRET}" }}', jetstream=False)
        self.connects(server, "--token-file", secret_file(self.directory, SECRET))
        self.connects(server, env={"SLICKQ_BRIDGE_TOKEN": SECRET})

    def test_nkey(self):
        try:
            import nkeys
        except ImportError:
            self.skipTest("nkeys cannot be installed from PyPI")
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        public = nkeys.from_seed(bytearray(seed)).public_key.decode()
        server = self.server(f"authorization {{ users: [ {{ nkey: {public} }} ] }}", jetstream=False)
        self.connects(server, "--nkey", public, "--nkey-seed", secret_file(self.directory, bytes(seed).decode()))

    @unittest.skipIf(shutil.which("openssl") is None, "no openssl to make certificates")
    def test_tls(self):
        d = self.directory

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, stderr=subprocess.PIPE, cwd=d, timeout=30)

        openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "2",
            "-subj",
            "/CN=test CA",
        )
        (d / "san").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        for name in ("server", "client"):
            openssl(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                f"{name}.key",
                "-out",
                f"{name}.csr",
                "-subj",
                "/CN=localhost",
            )
            (d / f"{name}.key").chmod(0o600)
            openssl(
                "x509",
                "-req",
                "-in",
                f"{name}.csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                "san",
                "-out",
                f"{name}.pem",
            )
        server = self.server(
            f'tls {{ cert_file: "{d}/server.pem", key_file: "{d}/server.key", ca_file: "{d}/ca.pem", verify: true }}',
            jetstream=False,
        )
        self.connects(
            server,
            "--tls",
            "--tls-ca",
            d / "ca.pem",
            "--tls-certificate",
            d / "client.pem",
            "--tls-key",
            d / "client.key",
        )
        self.refused(server, "cannot connect", "--tls")  # does not trust the server
        self.refused(server, "cannot connect", "--tls", "--tls-ca", d / "ca.pem")  # the server does not know it

    def test_no_secret_in_an_address(self):
        result = self.run_bridge(
            "out", "q", "--to", "s", "--server", f"nats://user:{SECRET}@127.0.0.1:1", "--state-directory", self.state
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("must hold no user or password", result.stderr)
        self.assertNotIn(SECRET, result.stderr)

    def test_status_and_metrics(self):
        server = self.server()
        queue, port = self.queue("a"), free_port()
        self.create_queue(queue, 64, 4)
        bridge = self.bridge(
            "out",
            queue,
            "--to",
            "ticks",
            "--name",
            "t",
            "--create-stream",
            "--server",
            server.url,
            "--metrics",
            f"127.0.0.1:{port}",
        )
        self.until(lambda: "publishes to" in bridge.said())
        subprocess.run([TOOL, "send", "--block", "4", queue], input=b"abcdefgh", check=True, timeout=30)
        self.until(lambda: self.status("t")["records_total"] == 2)
        self.until(lambda: self.status("t")["in_flight_messages"] == 0)
        seen = self.run_bridge("status", "--state-directory", self.state)
        self.assertEqual(seen.returncode, 0, seen.stdout)
        self.assertRegex(seen.stdout, f"t: queue {queue} to subject ticks \\(JetStream\\): connected")
        self.assertRegex(seen.stdout, r"records +2\n")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            text = response.read().decode()
        self.assertIn("# TYPE slickq_bridge_records_total counter", text)
        self.assertRegex(
            text, r'slickq_bridge_records_total\{direction="t",kind="out",queue="[^"]*",subject="ticks"\} 2\n'
        )
        names = re.findall(r"^# TYPE (\S+)", text, re.M)
        self.assertEqual(len(names), len(set(names)))
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) .*|slickq_bridge_\w+\{(\w+="[^"]*",?)+\} \d+)$')
        bridge.kill()
        gone = self.run_bridge("status", "--state-directory", self.state)
        self.assertEqual(gone.returncode, 3)
        self.assertIn("not running", gone.stdout)

    def test_a_server_that_is_away(self):
        server = self.server()
        queue = self.queue("a")
        self.create_queue(queue)
        bridge = self.bridge("out", queue, "--to", "ticks", "--name", "t", "--create-stream", "--server", server.url)
        self.until(lambda: "publishes to" in bridge.said())
        server.kill()
        self.until(lambda: "lost the connection" in bridge.said())
        self.until(lambda: self.status("t")["connected"] == 0)
        self.assertNotEqual(self.status("t")["trouble_since_seconds"], 0)
        # Lossy producers go on; the bridge keeps no more than the ring and its window do.
        before = self.memory(bridge)
        self.finish(self.produce(queue, "--records", 500_000, "--lossy"))
        self.assertLess(self.memory(bridge) - before, 4 << 20)
        server.start()
        self.until(
            lambda: self.status("t")["connected"] == 1
            and self.status("t")["in_flight_messages"] == 0
            and self.status("t")["backlog"] == 0
        )
        books = self.status("t")
        self.assertEqual(books["records_total"] + books["lost_elements_total"]["lapped"], 500_000)
        self.assertEqual(bridge.terminate(), 0)

    def memory(self, process):
        pages = int(Path(f"/proc/{process.popen.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def test_a_stop_says_what_is_left(self):
        queue = self.queue("a")
        self.create_queue(queue)
        path = self.directory / "c.toml"
        path.write_text(
            f'state_directory = "{self.state}"\ndrain_timeout_ms = 300\n'
            f'[nats]\nservers = "nats://127.0.0.1:{free_port()}"\n'
            f'[[out]]\nqueue = "{queue}"\nsubject = "s"\n'
        )
        bridge = self.start(BRIDGE, "run", path)
        self.until(lambda: "cannot connect" in bridge.said())
        self.assertEqual(bridge.terminate(), 3)
        self.assertIn("left: everything from index 0", bridge.said())

    def test_forget_lets_producers_go(self):
        server = self.server()
        queue = self.queue("a")
        self.create_queue(queue, 64)
        bridge = self.bridge("out", queue, "--to", "t", "--name", "t", "--create-stream", "--server", server.url)
        self.until(lambda: "publishes to" in bridge.said())
        self.assertEqual(self.run_bridge("forget", queue, "--name", "t").returncode, 1)  # it runs
        bridge.kill()
        producer = self.produce(queue, "--records", 1000)
        time.sleep(0.3)
        self.assertIsNone(producer.popen.poll())
        self.assertEqual(self.run_bridge("forget", queue, "--name", "t").returncode, 0)
        self.finish(producer)

    def test_one_process_per_direction(self):
        server = self.server(jetstream=False)
        queue = self.queue("a")
        self.create_queue(queue)
        arguments = ("out", queue, "--to", "t", "--core", "--name", "t", "--server", server.url)
        first = self.bridge(*arguments)
        self.until(lambda: "publishes to" in first.said())
        second = self.run_bridge(*arguments, "--state-directory", self.state)
        self.assertEqual(second.returncode, 1)
        self.assertIn("run by another slickq-bridge", second.stderr)

    def test_mistakes_in_the_configuration(self):
        for text, message in (
            ("", "nothing to do"),
            ('[[out]]\nqueue = "q"\n', "has no subject"),
            ("[[out]]\nqueue = 1\n", r"\.toml: .*queue in \[\[out\]\] must be a text"),
            ('[[out]]\nqueue = "q"\nsubject = "a.*"\n', "no subject to publish to"),
            ('[[out]]\nqueue = "q"\nsubjekt = "s"\n', "has no setting 'subjekt'"),
            ('[[out]]\nqueue = "q"\nsubject = "s"\nbatch = 0\n', "batch .* must be a number from 1 to 65536"),
            ('[[out]]\nqueue = "q"\nsubject = "s"\nmode = "fast"\n', 'mode .* must be one of "jetstream", "core"'),
            ('[[in]]\nqueue = "q"\nsubject = "s"\ncapacity = 8\n', "give capacity and element_size"),
            (
                '[[in]]\nqueue = "q"\nsubject = "s"\n[[in]]\nqueue = "p"\nsubject = "s"\n',
                "two directions are called 'in-s'",
            ),
            ("[nats]\nservers = [\n", "bridge.toml"),
            ('[nats]\nnkey = "U"\n[[in]]\nqueue = "q"\nsubject = "s"\n', "NKey needs both"),
        ):
            with self.subTest(text=text):
                path = self.directory / "bridge.toml"
                path.write_text(text)
                result = self.run_bridge("run", path)
                self.assertEqual(result.returncode, 1)
                self.assertRegex(result.stderr, message)

    def test_command_line(self):
        self.assertEqual(self.run_bridge().returncode, 2)
        self.assertEqual(self.run_bridge("out", "q").returncode, 2)
        self.assertEqual(self.run_bridge("run", "--out", "q").returncode, 2)
        self.assertEqual(self.run_bridge("--help").returncode, 0)
        empty = self.run_bridge("status", "--json", "--state-directory", self.state)
        self.assertEqual((empty.returncode, json.loads(empty.stdout)), (0, []))
        for command in ["--help"], ["--version"], ["status", "--json", "--state-directory", self.state]:
            with open("/dev/full", "wb") as full:
                lost = subprocess.run([BRIDGE, *map(str, command)], stdout=full, stderr=subprocess.PIPE, timeout=30)
            self.assertEqual(lost.returncode, 1)
            self.assertIn(b"cannot write to standard output: No space left on device", lost.stderr)
        odd = self.run_bridge("run", "--out", "\x1b[31m\x9bq")
        self.assertIn("\\x1B[31m\\u{9B}q", odd.stderr)

    def test_several_directions_from_the_command_line(self):
        server = self.server()
        a, b = self.queue("a"), self.queue("b")
        self.create_queue(a)
        self.create_queue(b)
        nats_client.add_stream(server, name="s", subjects=["s"])
        port = server.port
        path = self.directory / "only-server.toml"
        path.write_text(f'state_directory = "{self.state}"\n[nats]\nservers = "nats://127.0.0.1:{port}"\n')
        bridge = self.start(BRIDGE, "run", path, "--out", f"{a}=s", "--in", f"s={b}")
        self.until(lambda: "publishes to" in bridge.said() and "reads 's'" in bridge.said())
        consumer = self.consume(b, "--records", 100)
        self.finish(self.produce(a, "--records", 100))
        self.consumed(consumer)
        self.assertEqual(bridge.terminate(), 0)
