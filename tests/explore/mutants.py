"""mutants.py COMPILER SOURCE_DIR WORK_DIR [PART PARTS [NAME]]

Makes each mutant of mutants.txt, or every PARTS-th from the PART-th on (0 is the first), or those whose description contains NAME, and has the
explorer look for it. Prints the fate of each; fails if one survives, or can't be made any more (mutate.py says how they are addressed).
"""
import pathlib
import re
import shutil
import subprocess
import sys

import mutate

compiler, source, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
part, parts = (int(sys.argv[4]), int(sys.argv[5])) if len(sys.argv) > 5 else (0, 1)
only = sys.argv[6] if len(sys.argv) > 6 else ""
here, include = source / "tests/explore", source / "include/slickq"


# Only these parts have the mutated code in them, one or another that which a plan runs.
PARTS = ("ring_scenario", "delivery_scenario", "lifetime_scenario")


def part_of(plans):
    return {"delivery": PARTS[1], "eviction": PARTS[1], "lifetime": PARTS[2], "half_reset": PARTS[2]}.get(plans, PARTS[0])


def read_list():
    listed = []
    for line in (here / "mutants.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            # A change may itself have " | " in it.
            listed.append([field.strip() for field in line.split(" | ", 3)])
    return listed


def compile_part(name):
    command = [compiler, "-std=c++20", "-O1", "-I", work, "-c", here / f"{name}.cpp", "-o", work / f"{name}.o"]
    return subprocess.run(command, capture_output=True, text=True)


def build(name):
    """Compiles the part that has the mutated code in it, and what is missing; the compiler's complaints, or ""."""
    for each in [name, *(other for other in PARTS if not (work / f"{other}.o").exists())]:
        done = compile_part(each)
        if done.returncode != 0:
            return done.stderr
    done = subprocess.run([compiler, *sorted(work.glob("*.o")), "-o", work / "explore"], capture_output=True, text=True)
    return done.stderr if done.returncode != 0 else ""


def explore(*arguments):
    try:
        return subprocess.run([work / "explore", *arguments], capture_output=True, text=True, timeout=400)
    except subprocess.TimeoutExpired:
        return None


shutil.rmtree(work, ignore_errors=True)
shutil.copytree(include, work / "slickq")
for name in ("main", "explorer", "memory", *PARTS):
    done = compile_part(name)
    if done.returncode != 0:
        sys.exit(done.stderr)
# Without a mutation it must find nothing: else it would find anything.
if build(PARTS[1]) or explore("all", "1", "1").returncode != 0:
    sys.exit("the unchanged library fails")

headers = mutate.read_headers(work / "slickq")
survivors, made = 0, 0
for number, (name, where, plans, what) in enumerate(read_list(), 1):
    if number % parts != part % parts or only not in name:
        continue
    made += 1
    try:
        changed = mutate.mutate(headers, where, what)
    except mutate.Unfit as unfit:
        print(f"{name}: NOT MADE: {unfit}", flush=True)
        survivors += 1
        continue
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    with_code = part_of(plans)
    complaints = build(with_code)
    if complaints:
        sys.exit(f"{name}: does not compile\n{complaints}")
    done = explore(plans, "2", "4")
    for path in changed:
        path.write_text(headers[path], encoding="utf-8")
    (work / f"{with_code}.o").unlink()
    if done is None:
        print(f"{name}: found (it never ends)", flush=True)
    elif done.returncode == 0:
        print(f"{name}: SURVIVED", flush=True)
        survivors += 1
    else:
        reasons = re.findall(r" s:(.*)", done.stdout + done.stderr)
        print(f"{name}: found:{reasons[-1] if reasons else ''}", flush=True)
print(f"{made} mutants, {survivors} survived")
sys.exit(0 if survivors == 0 and made != 0 else 1)
