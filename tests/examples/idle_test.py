"""idle_test.py TOOL EXAMPLE...: an example of an event loop gets each record that is sent, one by one and many at once, and takes
next to nothing of a core while nothing is sent."""
import os
import re
import subprocess
import sys
import time

IDLE_SECONDS = 4
tool, example = sys.argv[1], sys.argv[2:]
name = f"slickq-test-{os.getpid()}-example"


def send(lines):
    subprocess.run([tool, "send", name], input="".join(lines).encode(), check=True, stderr=subprocess.DEVNULL)


def start():
    process = subprocess.Popen(example + [name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = process.stderr.readline().decode()
    assert line.endswith("ready\n"), line + process.stderr.read().decode()
    return process


def finish(process):
    """What it printed, and the share of a core that it took, in percent."""
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors.decode()
    said = re.search(r"(\d+) records, ([\d.]+) % of a core", errors.decode())
    print(example[0], said.group(0))
    return out.decode(), float(said.group(2))


try:
    send(["before anybody reads\n"])

    process = start()
    time.sleep(IDLE_SECONDS)
    out, share = finish(process)  # end of input
    assert out == "", out
    assert share < 1, f"{share} % of a core for nothing"

    process = start()
    sent = [f"record {k}\n" for k in range(300)]
    for line in sent[:10]:
        send([line])
        assert process.stdout.readline().decode() == line
    send(sent[10:])
    received = [process.stdout.readline().decode() for _ in sent[10:]]
    assert received == sent[10:], received
    finish(process)
finally:
    subprocess.run([tool, "rm", name], stderr=subprocess.DEVNULL)
