#!/usr/bin/env python3
"""Where the time goes: profile.py FIGURE CHILD SUPERVISOR < TRACE, or profile.py FIGURE opening < TRACE

TRACE is what `perf trace -T` says. With two process ids, of sshd's child and of the supervisor, while commands run one after the other over
one connection: a command is what lies between two system calls of sshd's child, the fork of the login shell and the wait that finds it
ended. With `opening`, of pam_times and of all that it starts: what lies between the start of a supervisor and its answer that the session
is open. In between, system calls mark the phases. Each phase becomes a sample (sample.h); what lacks a mark is left out, and if too little
is left, that is a failure.
"""
import json
import re
import sys

LINE = re.compile(r" *(?P<start>[0-9.]+|\?) \( *(?P<took>[0-9.]+ ms)? *\): *(?P<comm>[^ /]+)/(?P<pid>\d+) +(?:\.\.\. \[continued\]: )?(?P<call>\w+)\((?P<rest>.*)")

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

# The same for the opening of a session; who makes the call comes first.
OPENING = [
    ("the supervisor's libraries are loaded", "diag-", "clone", "start", ""),
    ("it starts its two processes, reads the policy, opens the records", "diag-", "sendmsg", "start", ""),
    ("the module confines sshd's process", "pam_times", "sendmsg", "start", ""),
    ("the supervisor looks at that, and writes the record", "diag-", "fdatasync", "start", ""),
    ("the disk has the record of the session, and its key", "diag-", "sendmsg", "start", ""),
]


def calls(file):
    """Each call as (end, start, pid, name, rest); what had not ended when the trace did is left out."""
    found = []
    for line in file:
        match = LINE.match(line)
        if match is None or match["took"] is None or match["start"] == "?":
            continue
        start = float(match["start"])
        found.append((start + float(match["took"][:-3]), start, int(match["pid"]), match["call"], match["rest"], match["comm"]))
    return sorted(found)


def commands(found, child):
    """The calls of each command, from the end of the fork on."""
    since = None
    for i, (_, _, pid, name, rest, _) in enumerate(found):
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
            end, start, pid, call, rest, _ = command[i]
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


def openings(found):
    """The phases of each opening, as those of a command."""
    starts = [i for i, event in enumerate(found) if event[3] == "execve" and event[5].startswith("diag-")]
    for first, last in zip(starts, starts[1:] + [len(found)]):
        at = found[first][0]
        after = first + 1
        result = []
        for phase, comm, name, edge, holds in OPENING:
            i = next((i for i in range(after, last) if found[i][5].startswith(comm) and found[i][3] == name and holds in found[i][4]), None)
            if i is None:
                result = None
                break
            mark = found[i][1] if edge == "start" else found[i][0]
            result.append((phase, mark - at))
            after = i + 1
            at = mark
        yield result


def main():
    figure = sys.argv[1]
    found = calls(sys.stdin)
    if sys.argv[2] == "opening":
        whole = list(openings(found))
    else:
        child, supervisor = int(sys.argv[2]), int(sys.argv[3])
        whole = [phases(command, supervisor) for command in commands(found, child)]
    good = [one for one in whole if one is not None]
    if len(good) * 2 < len(whole) or not good:
        sys.exit(f"profile.py: of {len(whole)} only {len(good)} have every mark")
    for one in good:
        for number, (phase, ms) in enumerate(one, 1):
            print(json.dumps({"figure": figure, "side": f"{number:2}. {phase}", "unit": "us", "value": round(ms * 1000, 3)}))


if __name__ == "__main__":
    main()
