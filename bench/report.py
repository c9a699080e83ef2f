#!/usr/bin/env python3
"""Makes tables and plots of results, and nothing else: what is shown is what is in the file.

    python3 bench/report.py [bench/results/results.jsonl]

Writes tables.md and the SVG files beside the results.
"""
import json
import pathlib
import sys
from statistics import median

import plan
import svg

UNITS = {"million_per_s": "M items/s", "ns_per_item": "ns an item", "p50_ns": "p50, ns", "p90_ns": "p90, ns", "p99_ns": "p99, ns",
         "p999_ns": "p99.9, ns", "max_ns": "max, ns", "received_pct": "received, %", "lost_pct": "lost, %", "torn": "torn items",
         "repeated": "repeated items", "whole": "whole records left", "lost": "lost", "instructions": "instructions an item",
         "us_one_way": "us one way"}
BASES = plan.BASES + ["slick-queue-py"]
SETTING = ("kind", "part", "workload", "bytes", "capacity", "mode", "producers", "consumers", "polling")


def key(row):
    return tuple(row.get(name) for name in SETTING) + (row["queue"],)


def setting(row):
    return tuple(row.get(name) for name in SETTING)


def spread(values):
    return min(values), median(values), max(values)


def unit(name):
    return UNITS.get(name, name)


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def ratio(row, base, name):
    """The median of the ratios of each round, or nothing."""
    if base is None or name not in base["numbers"] or len(base["numbers"][name]) != len(row["numbers"][name]):
        return ""
    pairs = [(one, other) for one, other in zip(row["numbers"][name], base["numbers"][name]) if other > 0]
    return f"{median(one / other for one, other in pairs):.2f}" if pairs else ""


def table(rows):
    """One comparison in Markdown. Percentiles of latencies stand side by side."""
    by_queue = {row["queue"]: row for row in rows}
    bases = [name for name in BASES if name in by_queue]
    first = rows[0]
    names = list(first["numbers"])
    latencies = [name for name in names if name.endswith("_ns")]
    if len(latencies) > 1:
        columns = [unit(name) for name in latencies]
        lines = ["| queue | " + " | ".join(columns) + " | " + " | ".join(f"p50 x {b} | p99 x {b}" for b in bases) + " |"]
        lines.append("|---" * (1 + len(columns) + 2 * len(bases)) + "|")
        for row in rows:
            cells = [number(median(row["numbers"][name])) for name in latencies]
            for base in bases:
                cells += [ratio(row, by_queue[base], "p50_ns"), ratio(row, by_queue[base], "p99_ns")]
            lines.append(f"| {row['queue']} | " + " | ".join(cells) + " |")
        return lines
    extra = [name for name in names[1:] if any(any(row["numbers"].get(name, [0])) for row in rows)]
    header = ["queue", f"{unit(names[0])}, median", "min to max"] + [f"x {b}" for b in bases] + [unit(name) for name in extra]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for row in rows:
        low, middle, high = spread(row["numbers"][names[0]])
        cells = [row["queue"], number(middle), f"{number(low)} to {number(high)}"]
        cells += [ratio(row, by_queue[base], names[0]) for base in bases]
        cells += [number(median(row["numbers"][name])) for name in extra]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def caption(rows):
    first = rows[0]
    parts = [f"{first['bytes']} bytes"]
    if first.get("mode", "thread") != "thread":
        parts.append(f"between {first['mode']}")
    if "capacity" in first:
        parts.append(f"ring of {first['capacity']}")
    if first["workload"] in ("sharing", "broadcast", "producers"):
        readers = "producers" if first["workload"] == "producers" else f"+ {first['consumers']}"
        parts.append(f"{first['producers']} {readers}")
    if first["kind"] == "python":
        parts = [first["workload"]] + parts[:1]
    if first["kind"] == "polling":
        parts.append(f"{first['polling']} pauses")
    found = f"n = {first['n']}"
    if "placement" in first:
        low, middle, high = spread(first["bounce_ns"])
        found += f", {first['dropped']} dropped, {first['placement']} (bounce {low:.0f} / {middle:.0f} / {high:.0f} ns)"
    if "clock_ns" in first:
        found += f"; reading the clock costs {first['clock_ns']:.0f} ns of each round trip"
    return f"**{', '.join(parts)}** · {found}"


def by_setting(rows):
    grouped = {}
    for row in rows:
        grouped.setdefault(setting(row), []).append(row)
    return list(grouped.values())


def tables(rows):
    out = []
    for kind, title in plan.TITLES.items():
        of_kind = [row for row in rows if row["kind"] == kind]
        if not of_kind:
            continue
        out += ["", f"## {title}"]
        for group in by_setting(of_kind):
            out += ["", caption(group), ""] + table(group)
    return out


def chart(rows, title, x_label, x_names, place_of, name="million_per_s"):
    lines = {}
    for row in rows:
        place = place_of(row)
        points = lines.get(row["queue"])
        if place in x_names and name in row["numbers"] and not (points and points[x_names.index(place)]):
            lines.setdefault(row["queue"], [None] * len(x_names))[x_names.index(place)] = spread(row["numbers"][name])
    return svg.line_chart(title, x_label, UNITS[name], x_names, lines) if lines else None


def charts(rows):
    def of(kind, **wanted):
        return [row for row in rows if row["kind"] == kind and all(row.get(k) == v for k, v in wanted.items())]

    sizes = [8, 64, 256, 1024]
    made = {
        "throughput.svg": chart(of("spsc", mode="processes"), "SPSC between processes", "bytes of an item", sizes, lambda r: r["bytes"]),
        "throughput_threads.svg": chart(of("spsc", mode="threads"), "SPSC between threads", "bytes of an item", sizes,
                                        lambda r: r["bytes"]),
        "groups.svg": chart(of("groups", mode="processes"), "SPSC in groups, between processes", "bytes of an item", sizes,
                            lambda r: r["bytes"]),
        "polling.svg": chart(of("polling"), "SPSC, 8 bytes, between processes", "pauses after an empty or full answer",
                             [0, 1, 4, 12, 24, 48], lambda r: r["polling"]),
        "capacity.svg": chart(of("capacity"), "SPSC, 8 bytes, between processes", "capacity, items", [2 ** k for k in range(6, 23, 2)],
                              lambda r: r["capacity"]),
        "latency.svg": latency_chart(of("pingpong", mode="processes", bytes=8)),
    }
    return {name: drawn for name, drawn in made.items() if drawn}


def latency_chart(rows):
    names = ["p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns"]
    lines = {}
    for row in rows:  # what is in several comparisons is drawn from the first
        lines.setdefault(row["queue"], [spread(row["numbers"][name]) for name in names])
    if not lines:
        return None
    return svg.line_chart("Ping-pong between processes, 8 bytes, one way", "percentile", "ns", ["p50", "p90", "p99", "p99.9", "max"], lines)


def write(results):
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    drawn = charts(rows)
    for name, text in drawn.items():
        (results.parent / name).write_text(text)
    seen = {(r["commit"], r["cpu"], r["kernel"], r["compiler"], r["flags"]) for r in rows}
    head = ["# Results", "", "Made by `report.py` from [`results.jsonl`](results.jsonl); not to be edited. What the names and columns",
            "mean is in the [README](../README.md). Ratios are medians of the ratios of each round.", ""]
    head += [f"- commit {commit}, {cpu}, Linux {kernel}, {compiler}, `{flags}`" for commit, cpu, kernel, compiler, flags in sorted(seen)]
    head += [""] + [f"![{name}]({name})" for name in drawn]
    (results.parent / "tables.md").write_text("\n".join(head + tables(rows)) + "\n")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent / "results" / "results.jsonl"))
