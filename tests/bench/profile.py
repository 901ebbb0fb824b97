#!/usr/bin/env python3
"""Where the time of a command goes: profile.py FIGURE MONITOR-CHILD SUPERVISOR < TRACE

TRACE is what `perf trace -T` says of sshd's child and of the supervisor, each by its process id, while commands run one after the other over
one connection. A command is what lies between two system calls of sshd's child: the fork of the login shell, and the wait that finds it
ended. In between, the supervisor's calls mark the phases. Each phase of each command becomes a sample (sample.h); a command that lacks a mark
is none, and if too few are left, that is a failure.
"""
import json
import re
import sys

LINE = re.compile(r" *(?P<start>[0-9.]+|\?) \( *(?P<took>[0-9.]+ ms)? *\): .*?/(?P<pid>\d+) +(?:\.\.\. \[continued\]: )?(?P<call>\w+)\((?P<rest>.*)")

# What ends a phase, in this order: a name for the phase, the call, whether its start or its end counts, and what its line holds.
PHASES = [
    ("sshd's child sets up and starts the login shell", "ioctl", "end", "0x21, 0, "),
    ("the supervisor looks at it, and lets it start", "ioctl", "end", "0x21, 0x1, "),
    ("diag-shell starts, and asks", "recvmsg", "end", ""),
    ("the supervisor decides, and writes the record", "fdatasync", "start", ""),
    ("the disk has the record of the command", "fdatasync", "end", ""),
    ("diag-shell restricts a process, and it starts the program", "ioctl", "end", "0x21, 0, "),
    ("the supervisor compares that with what was decided", "ioctl", "end", "0x21, 0x1, "),
    ("the program runs, and diag-shell tells its end", "recvmsg", "end", ""),
    ("the supervisor writes the record of the end", "fdatasync", "start", ""),
    ("the disk has the record of the end", "fdatasync", "end", ""),
]
LAST = "diag-shell ends, and sshd's child sees it"


def calls(file):
    """Each call as (end, start, pid, name, rest); what had not ended when the trace did is left out."""
    found = []
    for line in file:
        match = LINE.match(line)
        if match is None or match["took"] is None or match["start"] == "?":
            continue
        start = float(match["start"])
        found.append((start + float(match["took"][:-3]), start, int(match["pid"]), match["call"], match["rest"]))
    return sorted(found)


def commands(found, child):
    """The calls of each command, from the end of the fork on."""
    since = None
    for i, (_, _, pid, name, rest) in enumerate(found):
        if pid != child:
            continue
        if name == "clone" and since is None:
            since = i
        elif name == "wait4" and since is not None and not re.search(r"= (-1|0)\b", rest):
            yield found[since:i + 1]
            since = None


def phases(command, supervisor):
    """(phase, milliseconds) of one command; None when a mark is missing."""
    at = command[0][1]
    after = 1
    result = []
    for phase, name, edge, holds in PHASES:
        for i in range(after, len(command)):
            end, start, pid, call, rest = command[i]
            if pid == supervisor and call == name and holds in rest and end >= at:
                break
        else:
            return None
        mark = start if edge == "start" else end
        result.append((phase, mark - at))
        # The same call ends the phase after the one that its start ends.
        after = i if edge == "start" else i + 1
        at = mark
    return result + [(LAST, command[-1][0] - at)]


def main():
    figure, child, supervisor = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    whole = [phases(command, supervisor) for command in commands(calls(sys.stdin), child)]
    good = [command for command in whole if command is not None]
    if len(good) * 2 < len(whole) or not good:
        sys.exit(f"profile.py: of {len(whole)} commands only {len(good)} have every mark")
    for command in good:
        for number, (phase, ms) in enumerate(command, 1):
            print(json.dumps({"figure": figure, "side": f"{number:2}. {phase}", "unit": "us", "value": round(ms * 1000, 3)}))


if __name__ == "__main__":
    main()
