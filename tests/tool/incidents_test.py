"""The incidents of the tool's README: each is made anew, its commands are run, and what they print must be what stands there, but
for numbers. `python incidents_test.py --print` prints what they print now."""
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

from case import OK, TOOL, Tool, run

README = Path(__file__).parents[2] / "capi" / "tool" / "README.md"


def shape(text):
    """Without numbers, times, and how far columns are apart."""
    text = re.sub(r"\b(root|[a-z_]+[a-z0-9_-]*)(?= +0[0-7]{3}\b)", "OWNER", text)
    text = re.sub(r"python[0-9.]*", "python", text).replace("certain)", "likely)").replace("died (no process has", "died, or sleeps; (no process has")
    return re.sub(r"[0-9][0-9.]*(us|ms|[smhdkMG])?\b", "N", re.sub(r" +", " ", text))


class Incidents(Tool):
    def play(self, title, name):
        """Runs the commands under that title for the queue of this test; what README has, and what it is now."""
        block = re.search(rf"\*\*{title}\*\*[^`]*?```\n(.*?)```", README.read_text(), re.DOTALL).group(1)
        commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
        now = ""
        for command in commands:
            wanted = command.replace(name, self.q)
            if "evict" in command:  # the id is in what doctor said
                wanted = re.findall(r"slickq evict \S+ [0-9]+", now.replace(name, self.q))[-1]
            shell = subprocess.run(["bash", "-c", f"exec 2>&1; {wanted}"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   env=dict(os.environ, PATH=f"{Path(TOOL).parent}:{os.environ['PATH']}", COLUMNS="0"))
            # What can't be seen from a container, or of other users' processes, is said first.
            said = re.sub(r"slickq: ([0-9]+ processes could not be looked into|processes outside this container).*\n", "",
                          shell.stdout.decode())
            now += f"$ {wanted}\n{said}".replace(self.q, name)
        if "--print" in sys.argv:
            print(f"**{title}**\n```\n{now}```\n")
        else:
            self.maxDiff = None
        self.assertEqual(shape(now), shape(block))

    def test_a_consumer_that_does_not_read(self):
        run("send", "--element-size", 64, "--capacity", 1024, self.q, stdin=b"start\n")
        self.actor("register")
        sender = self.start("send", "--lossless", self.q, stdin=self.file(b"tick\n" * 5000))
        self.until(lambda: self.info()["consumers"][0]["lag"] == 1024)
        self.play("Everything stands still", "ticks")
        self.assertEqual(sender.wait(60), OK)

    def test_a_producer_that_died(self):
        run("send", "--element-size", 64, "--capacity", 1024, self.q, stdin=b"start\n")
        self.kill(self.actor("reserve"))
        self.play("A consumer hangs, and the others too", "quotes")

    def test_a_worker_that_died(self):
        run("send", "--element-size", 64, "--capacity", 1024, self.q, stdin=b"job 1\njob 2\njob 3\n")
        self.kill(self.actor("work"))
        time.sleep(0.2)
        self.play("Jobs are not done", "jobs")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
