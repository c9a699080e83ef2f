"""The README's first example, as it stands there, and what it says of settings."""

import os
import re
import subprocess
from pathlib import Path

from case import BRIDGE, SERVER, TOOL, BridgeCase, free_port

README = Path(os.environ["SLICKQ_README"])


class Readme(BridgeCase):
    def test_first_example(self):
        script = (README.parent / "example.sh").read_text()
        self.assertIn("```sh\n" + script + "```", README.read_text())
        port = free_port()
        commands = self.directory / "bin"
        commands.mkdir()
        # The same commands, but with a port, a store and a state of the test's own.
        for name, program, options in (
            ("nats-server", SERVER, f"-a 127.0.0.1 -p {port} -sd {self.directory}/store"),
            ("slickq-bridge", BRIDGE, f"--server nats://127.0.0.1:{port} --state-directory {self.state}"),
            ("slickq", TOOL, ""),
        ):
            (commands / name).write_text(f'#!/bin/sh\nexec {program} "$@" {options}\n')
            (commands / name).chmod(0o755)
        for word in ("ticks", "copy"):
            script = re.sub(rf"\b{word}\b(?=( |\n|$))", self.queue(word), script)
        script += "kill $(jobs -p)\nwait\n"
        result = subprocess.run(
            ["bash", "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
            env={**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"},
        )
        self.assertEqual(result.stdout, b"hello\nworld\n", result.stderr)

    def test_every_setting_is_described_and_every_described_one_is_there(self):
        source = (README.parent / "config.cpp").read_text()
        settings = set(re.findall(r'\b\w+\.(?:read|choose<\w+>|table)\("(\w+)"', source))
        described = set(re.findall(r"^\| `(\w+)`", README.read_text(), re.M))
        self.assertEqual(settings - {"nats"}, described)

    def test_the_example_configuration_is_understood(self):
        text = (README.parent / "bridge.example.toml").read_text()
        # No queue of this machine, and no server of anybody's.
        text = re.sub(r'queue = "/', f'queue = "/{self.prefix}', text)
        text = re.sub(r"servers = .*", f'servers = "nats://127.0.0.1:{free_port()}"', text)
        path = self.directory / "bridge.toml"
        path.write_text(
            f'state_directory = "{self.state}"\ndrain_timeout_ms = 100\n'
            + text.replace("127.0.0.1:9464", f"127.0.0.1:{free_port()}")
        )
        bridge = self.start(BRIDGE, "run", path)
        self.until(
            lambda: bridge.said().count("cannot open queue") == 2
        )  # it runs, and waits for queues that are not here
        bridge.terminate()
