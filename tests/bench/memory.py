#!/usr/bin/env python3
"""Memory of the processes of so many sessions, from smaps_rollup (proc(5)): samples on stdout. memory.py SESSIONS

Private is what a process has alone, shared what others have as well, both in kB of resident memory. The middle value of all
processes of a kind.
"""
import json
import os
import statistics
import sys

sessions = sys.argv[1]


def rollup(pid):
    sums = {"private": 0, "shared": 0}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            name, _, rest = line.partition(":")
            for kind in sums:
                if name.startswith(kind.capitalize() + "_") and "Hugetlb" not in name:
                    sums[kind] += int(rest.split()[0])
    return sums


def kind_of(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        words = file.read().split(b"\0")
    with open(f"/proc/{pid}/stat") as file:
        comm, _, rest = file.read().partition("(")[2].rpartition(")")
        parent = int(rest.split()[1])
    if comm == "diag-supervisor":
        with open(f"/proc/{parent}/comm") as file:
            return "reader, audit process" if file.read().strip() == "diag-supervisor" else "supervisor"
    if comm == "diag-shell":
        return "diag-shell"
    if words[0] in (b"sshd: plain [priv]", b"sshd-session: plain [priv]"):
        return "sshd's monitor without"
    if words[0] in (b"sshd: diag [priv]", b"sshd-session: diag [priv]"):
        return "sshd's monitor with the module"
    return None


found = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        kind = kind_of(pid)
        if kind:
            found.setdefault(kind, []).append(rollup(pid))
    except (FileNotFoundError, ProcessLookupError):
        continue  # it has ended meanwhile
for kind in ("sshd's monitor without", "sshd's monitor with the module", "supervisor", "reader, audit process", "diag-shell"):
    if kind not in found:
        sys.exit(f"memory.py: no process: {kind}")
    for which in ("private", "shared"):
        print(json.dumps({"figure": f"memory, {sessions} sessions, {which}", "side": kind, "unit": "kB",
                          "value": statistics.median(sums[which] for sums in found[kind])}))
