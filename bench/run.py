#!/usr/bin/env python3
"""Builds the bench, measures, and writes results and the tables and plots made from them. See README.md.

    python3 bench/run.py                    everything, 33 rounds: about 20 minutes
    python3 bench/run.py --quick            the main comparisons, 5 rounds: a minute
"""
import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

import instructions
import plan
import report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def output_of(*command):
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def build(options):
    """The whole project's build has the bench in bench/; a build against an installed library is the bench alone."""
    source = HERE if options.prefix else ROOT
    settings = [f"-DSLICKQ_BENCH_SLICK_INCLUDE={options.slick_include}", "-DCMAKE_BUILD_TYPE=Release", "-DSLICKQ_BENCH_SMALL=OFF"]
    settings += [f"-DCMAKE_PREFIX_PATH={options.prefix}"] if options.prefix else \
        ["-DSLICKQ_BUILD_TESTS=OFF", "-DSLICKQ_BUILD_TOOL=OFF", "-DSLICKQ_BUILD_BENCH=ON"]
    subprocess.run(["cmake", "-S", source, "-B", options.build_dir, *settings], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", options.build_dir, "--parallel"], check=True, stdout=subprocess.DEVNULL)


def binary_directory(options):
    for directory in (options.build_dir / "bench", options.build_dir):
        if (directory / "slickq_bench").exists():
            return directory
    sys.exit(f"run.py: no slickq_bench in {options.build_dir}")


def environment(options):
    """What every line of the results says of where it was measured."""
    cache = (options.build_dir / "CMakeCache.txt").read_text()

    def cached(name):
        found = re.search(rf"^{name}:\w+=(.*)$", cache, re.MULTILINE)
        return found.group(1) if found else ""

    cpu = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    changed = output_of("git", "status", "--porcelain", "--", "../include", "../src", "../capi", ".")
    return {"commit": output_of("git", "rev-parse", "--short", "HEAD") + ("+" if changed else ""),
            "cpu": f"{cpu}, {len(os.sched_getaffinity(0))} CPUs",
            "kernel": platform.release().split("-")[0],
            "compiler": output_of(cached("CMAKE_CXX_COMPILER") or "c++", "--version").split("\n")[0],
            "flags": " ".join(f"{cached('CMAKE_CXX_FLAGS')} {cached('CMAKE_CXX_FLAGS_RELEASE')}".split())}


def label(comparison):
    given = " ".join(f"--{name} {value}" for name, value in comparison["options"].items())
    return f"{comparison['kind']}: {comparison['workload']} {comparison['part']} {given}"


def measure(bench, comparison, runs, where):
    """Runs one comparison; returns its lines of results. What it prints goes to our output."""
    with tempfile.NamedTemporaryFile(mode="r", suffix=".jsonl") as results:
        command = [bench, comparison["workload"], "--queues", ",".join(comparison["queues"]), "--runs", str(runs),
                   "--json", results.name]
        for name, value in comparison["options"].items():
            command += [f"--{name}", str(value)]
        subprocess.run(command, check=True)
        return [{"kind": comparison["kind"], "part": comparison["part"], **json.loads(line), **where} for line in results]


def measure_python(options, where):
    """The Python binding's own bench, which prints a JSON object for each run."""
    script = ROOT / "capi" / "python" / "bench.py"
    library = {} if options.prefix else {"SLICKQ_LIBRARY": str(options.build_dir.resolve() / "libslickq.so"),
                                         "PYTHONPATH": str(script.parent / "src")}
    done = subprocess.run([options.python, "-B", script], capture_output=True, text=True, check=False, env={**os.environ, **library})
    if done.returncode != 0:
        print(f"left out: python: capi/python/bench.py failed: {done.stderr.strip()[-300:]}")
        return []
    values = {}
    for run in map(json.loads, done.stdout.splitlines()):
        if "round" in run:
            unit = "us_one_way" if "us" in run else "million_per_s"
            values.setdefault((run["workload"], run["peer"], unit), []).append(run.get("us", run.get("M/s")))
    return [{"kind": "python", "part": "", "workload": workload, "queue": peer, "bytes": 64, "mode": "processes",
             "n": len(each), "numbers": {unit: each}, **where} for (workload, peer, unit), each in values.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the main comparisons only, 5 rounds")
    parser.add_argument("--runs", type=int, help="rounds of each comparison to keep (33; with --quick 5)")
    parser.add_argument("--only", default="", metavar="REGEX", help="only comparisons whose label matches, see --list")
    parser.add_argument("--list", action="store_true", help="print the labels of all comparisons")
    parser.add_argument("--slick-include", default="", metavar="DIR", help="measure slick-queue too: the directory that has slick/queue.h")
    parser.add_argument("--prefix", default="", metavar="DIR", help="measure the library installed there instead of this tree")
    parser.add_argument("--python", default=sys.executable, metavar="PROGRAM", help="what runs capi/python/bench.py, with the peers that "
                        "are installed in it (and slickq, with --prefix)")
    parser.add_argument("--build-dir", type=pathlib.Path, default=ROOT / "build" / "bench", metavar="DIR")
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results" / "results.jsonl", metavar="FILE")
    parser.add_argument("--append", action="store_true", help="keep what is in the results already, but for what is measured again")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--no-report", action="store_true", help="write no tables and plots")
    parser.add_argument("--no-extras", action="store_true", help="neither count instructions nor run the Python binding's bench")
    options = parser.parse_args()

    chosen = [c for c in (plan.quick() if options.quick else plan.full()) if re.search(options.only, label(c))]
    if options.list:
        print("\n".join(label(c) for c in chosen))
        return
    runs = options.runs or (5 if options.quick else 33)
    if not options.no_build:
        build(options)
    directory = binary_directory(options)
    bench = directory / "slickq_bench"
    subprocess.run([bench, "list"], check=True)
    where = environment(options)

    measured = []
    for number, comparison in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {label(comparison)}", flush=True)
        measured += measure(bench, comparison, runs, where)
    if not options.no_extras:
        measured += instructions.count(bench, where)
        measured += measure_python(options, where)

    kept = []
    if options.append and options.results.exists():
        again = {report.key(row) for row in measured}
        kept = [row for row in map(json.loads, options.results.read_text().splitlines()) if report.key(row) not in again]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in kept + measured))
    if not options.no_report:
        report.write(options.results)


if __name__ == "__main__":
    main()
