"""slickq-bridge beside a bare libnats program: `python run.py BUILD_DIRECTORY [RECORDS [ROUNDS]]`.

Both in the same run, on the same nats-server. The stream is in memory; records have 64 bytes. A JSON line per row.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = Path(sys.argv[1])
RECORDS = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5_000
BATCH = 256
BENCH = BUILD / "bench/bridge/slickq_bench_bridge"
BRIDGE = BUILD / "capi/bridge/slickq-bridge"
TOOL = BUILD / "capi/tool/slickq"
SERVER = shutil.which("nats-server") or "/usr/sbin/nats-server"


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bench(*arguments):
    result = subprocess.run([BENCH, *map(str, arguments)], stdout=subprocess.PIPE, check=True, timeout=300)
    return json.loads(result.stdout)


def wait_for(process_log, text, times=1):
    end = time.monotonic() + 20
    while process_log.read_text().count(text) < times:
        if time.monotonic() > end:
            raise RuntimeError(f"'{text}' is not in: {process_log.read_text()}")
        time.sleep(0.02)


def main():
    directory = Path(tempfile.mkdtemp(prefix="slickq-bench-"))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    url = f"nats://127.0.0.1:{port}"
    queues = [f"slickq-bench-{os.getpid()}-{side}" for side in "ab"]
    processes = []

    def start(log, *arguments):
        with open(directory / log, "w") as file:
            processes.append(subprocess.Popen([str(a) for a in arguments], stdout=file, stderr=file))
        return directory / log

    try:
        wait_for(
            start("server", SERVER, "-js", "-a", "127.0.0.1", "-p", port, "-sd", directory / "store"), "Server is ready"
        )
        for mode in ("jetstream", "core"):
            for kind, batch in (("throughput", BATCH), ("latency", 1)):
                subject = f"{mode}-{kind}"
                for queue in queues:
                    subprocess.run(
                        [
                            TOOL,
                            "send",
                            "--create",
                            "--capacity",
                            "65536",
                            "--element-size",
                            "64",
                            "--items-per-slot",
                            "1",
                            queue,
                        ],
                        stdin=subprocess.DEVNULL,
                        check=True,
                    )
                (directory / "c.toml").write_text(
                    f'state_directory = "{directory}/state-{subject}"\n[nats]\nservers = "{url}"\n'
                    f'[[out]]\nqueue = "{queues[0]}"\nsubject = "{subject}"\nmode = "{mode}"\n'
                    f'batch = {batch}\nhold = "group"\n'
                    f'stream = {{ create = true, storage = "memory" }}\n'
                    f'[[in]]\nqueue = "{queues[1]}"\nsubject = "{subject}"\nmode = "{mode}"\nlossless = true\n'
                    f'stream = {{ create = true, storage = "memory" }}\n'
                )
                log = start("bridge", BRIDGE, "run", directory / "c.toml")
                wait_for(log, "publishes to")
                wait_for(log, "reads '")
                bridge = processes[-1]
                row = {"mode": mode, "what": kind, "batch": batch}
                if kind == "throughput":
                    before = cpu_seconds(bridge.pid)
                    row["bridge"] = bench("bridge-throughput", *queues, RECORDS)
                    # Both directions and libnats: a number that other work on the machine changes little.
                    row["bridge_cpu_ns_per_record"] = round((cpu_seconds(bridge.pid) - before) * 1e9 / RECORDS)
                else:
                    row["bridge"] = bench("bridge-latency", *queues, ROUNDS)
                    before = cpu_seconds(bridge.pid)
                    time.sleep(3)
                    row["idle_cpu_percent"] = round((cpu_seconds(bridge.pid) - before) / 3 * 100, 2)
                bridge.terminate()
                bridge.wait()
                js = "js" if mode == "jetstream" else "core"
                if kind == "throughput":
                    row["bare"] = bench("bare-throughput", url, subject, js, RECORDS // BATCH * BATCH, BATCH)
                    row["ratio"] = round(row["bridge"]["records_per_second"] / row["bare"]["records_per_second"], 2)
                else:
                    row["bare"] = bench("bare-latency", url, subject, js, ROUNDS)
                    row["added_p50_us"] = round(row["bridge"]["p50_us"] - row["bare"]["p50_us"], 1)
                print(json.dumps(row), flush=True)
                for queue in queues:
                    (Path("/dev/shm") / queue).unlink()
    finally:
        for process in processes:
            process.kill()
            process.wait()
        for queue in queues:
            (Path("/dev/shm") / queue).unlink(missing_ok=True)
        shutil.rmtree(directory, ignore_errors=True)


main()
