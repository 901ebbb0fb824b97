#!/usr/bin/env python3
"""The table of a benchmark's samples: report.py SAMPLES MACHINE JSON MARKDOWN

SAMPLES has one JSON object a line (sample.h). Each side of a figure gets count, median, 99th percentile, least and greatest, and its median
as a ratio to that of the figure's first side, which was measured in turn with it. MACHINE is a JSON object that says what was measured on.
Writes JSON and MARKDOWN, prints the table.
"""
import json
import math
import statistics
import sys

# What design and README promise: figure, side, which value, and the most (or, for a rate, the least) that it may be.
TARGETS = [
    ("ssh command, shared connection", "diag", "added to plain /bin/sh", "<=", 5000),
    ("ssh command, shared connection", "diag", "ratio to floor", "<=", 1.5),
    ("ssh command, own connection", "diag", "added to plain /bin/sh", "<=", 5000),
    ("ssh command, own connection", "diag", "ratio to floor", "<=", 1.5),
    ("session open, work in sshd's process, 60 denied paths, 200 mounts", "diag", "added to plain", "<=", 3000),
    ("session open, work in sshd's process, the shipped 58 denied paths, 200 mounts", "diag", "added to plain", "<=", 3000),
    ("exec refused, counted", "diag session", "ratio to supervisor that only continues", "<=", 1.5),
    ("decisions, short lines", "50 commands", "median", ">=", 200000),
    ("decisions, short lines", "5000 commands", "median", ">=", 200000),
    ("decisions, short lines", "5000 commands", "ratio to 50 commands", ">=", 0.9),
    ("memory, 1 sessions, private", "supervisor", "median", "<=", 4096),
    ("commit, 64 writers at 5 a second", "audit database", "p99", "<=", 150000),
    ("insert", "1000000 rows", "ratio to 1000 rows", "<=", 1.2),
    ("insert", "10000000 rows", "ratio to 1000 rows", "<=", 1.2),
    ("export, 1000000 rows", "diag-ship, victorialogs, settle = 0", "ratio to the fastest other", ">=", 1),
    ("export, 1000000 rows", "diag-ship, loki", "ratio to the fastest other", ">=", 1),
    ("export, 1000000 rows", "diag-ship, otlp", "ratio to the fastest other", ">=", 1),
    ("export, 1000000 rows, memory", "diag-ship, loki", "median", "<=", 12288),
    ("export, nothing to send", "diag-ship", "median", "<=", 15000),
    ("ready query, one day of 1000000 rows", "*", "median", "<=", 100000),
    ("ready query, one day of 10000000 rows", "*", "median", "<=", 100000),
]


def percentile(values, share):
    """Nearest rank: a value that was measured."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def read(path):
    figures = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                sample = json.loads(line)
                sides = figures.setdefault(sample["figure"], {})
                sides.setdefault(sample["side"], (sample["unit"], []))[1].append(float(sample["value"]))
            except (ValueError, KeyError, TypeError) as error:
                sys.exit(f"report.py: {path}:{number}: no sample: {error}")
    if not figures:
        sys.exit(f"report.py: {path}: no samples")
    return figures


def summarize(figures):
    rows = []
    for figure, sides in figures.items():
        base = None
        for side, (unit, values) in sides.items():
            median = statistics.median(values)
            base = median if base is None else base
            rows.append({"figure": figure, "side": side, "unit": unit, "count": len(values), "median": median,
                         "p99": percentile(values, 0.99), "min": min(values), "max": max(values),
                         "ratio": median / base if base else None, "added": median - base})
    return rows


def value_of(rows, row, what):
    kind, _, other = what.partition(" to ")
    if not other:
        return row[what]
    others = [r for r in rows if r["figure"] == row["figure"]]
    if other == "the fastest other":
        others = [r for r in others if not r["side"].startswith("diag-ship")]
        beside = max(others, key=lambda r: r["median"], default=None)
    else:
        beside = next((r for r in others if r["side"] == other), None)
    if beside is None:
        return None
    return row["median"] / beside["median"] if kind == "ratio" else row["median"] - beside["median"]


def judge(rows):
    verdicts = []
    for figure, side, what, sign, bound in TARGETS:
        for row in rows:
            if row["figure"] != figure or side not in ("*", row["side"]):
                continue
            value = value_of(rows, row, what)
            if value is not None:
                verdicts.append({"figure": figure, "side": row["side"], "what": what, "sign": sign, "bound": bound, "value": value,
                                 "unit": "" if what.startswith("ratio") else row["unit"],
                                 "met": value <= bound if sign == "<=" else value >= bound})
    return verdicts


def shown(value, unit):
    if unit == "us":
        return f"{value / 1000:,.2f} ms" if abs(value) >= 1000 else f"{value:,.0f} µs"
    if unit == "":
        return f"{value:.2f}"
    return f"{value:,.0f} {unit}"


def table(header, rows):
    widths = [max(len(str(row[i]).replace("|", "\\|")) for row in [header, *rows]) for i in range(len(header))]

    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|").ljust(width) for cell, width in zip(cells, widths)) + " |"
    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, rows)])


def main():
    samples, machine_path, json_path, markdown_path = sys.argv[1:]
    with open(machine_path, encoding="utf-8") as file:
        machine = json.load(file)
    rows = summarize(read(samples))
    verdicts = judge(rows)
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "figures": rows, "targets": verdicts}, file, indent=1, ensure_ascii=False)
        file.write("\n")
    figures = table(["figure", "side", "n", "median", "p99", "min", "ratio"],
                    [[r["figure"], r["side"], r["count"], *(shown(r[k], r["unit"]) for k in ("median", "p99", "min")),
                      "" if r["ratio"] is None else f"{r['ratio']:.2f}"] for r in rows])
    targets = table(["target", "bound", "measured", ""],
                    [[f"{v['figure']}: {v['side']}, {v['what']}", f"{v['sign']} {shown(v['bound'], v['unit'])}",
                      shown(v["value"], v["unit"]), "met" if v["met"] else "**missed**"] for v in verdicts])
    stated = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    text = f"""# What it costs

Made by `make bench` and `make cost`; `tests/bench` says how each figure comes about. The sides of a figure were measured in turn, in one
run. The ratio is that of the medians, to the first side of its figure: it is what carries over to another machine.

{stated}

## Targets

{targets}

## Figures

{figures}
"""
    with open(markdown_path, "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


main()
