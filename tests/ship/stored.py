#!/usr/bin/env python3
"""stored.py [--again ROWS] REFERENCE RECORDS STORED: what a syslog receiver has stored, against the database.

REFERENCE is the JSON lines of all rows (diag-ship --sink jsonl:-), RECORDS the `rec` column, a line each. STORED must hold every row, in
order, each as a message of RFC 5424 of which every part is what the row says. With --again it may step back, by at most that many rows,
as it does when a batch was sent once more; the bytes are the same then. Prints how many lines came again. The parser is written from the
RFC, not from the sender.
"""
import json
import re
import sys

HEADER = re.compile(rb'<(\d{1,3})>1 (\S+) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) ')
NAME = re.compile(rb'[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}')
MARK = b'\xef\xbb\xbf'


def parameters(data, at):
    """The structured data that begins at data[at], and where it ends."""
    found = {}
    if data[at:at + 1] != b'[':
        raise ValueError('no structured data')
    name = NAME.match(data, at + 1)
    identity = name.group().decode()
    at = name.end()
    while data[at:at + 1] == b' ':
        name = NAME.match(data, at + 1)
        at = name.end()
        if data[at:at + 2] != b'="':
            raise ValueError('no value')
        at += 2
        value = bytearray()
        while data[at:at + 1] != b'"':
            if data[at:at + 1] == b']':
                raise ValueError('a bare ]')
            if data[at:at + 1] == b'\\' and data[at + 1:at + 2] in (b'"', b'\\', b']'):
                at += 1
            value += data[at:at + 1]
            at += 1
            if at >= len(data):
                raise ValueError('an open value')
        at += 1
        key = name.group().decode()
        if key in found:
            raise ValueError(key + ' twice')
        found[key] = value.decode()
    if data[at:at + 2] != b'] ':
        raise ValueError('structured data without its end')
    return identity, found, at + 2


def expected(row):
    """The parameters of a row: the fields of its line, as text."""
    fields = {}
    for key, value in row.items():
        if key in ('time', 'diag.rec'):
            continue
        fields[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(',', ':'))
    return fields


def harmless(text):
    return re.sub(r'[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]',
                  lambda match: '\\u%04x' % ord(match.group()), text)


def compare_fields(found, row):
    wanted = expected(row)
    for key in set(found) | set(wanted):
        if key not in wanted:
            # Bytes beside a text that had only control characters: the line of JSON escapes them, and needs none.
            if key.endswith('_base64') and harmless(wanted.get(key[:-7], '')) != wanted.get(key[:-7], ''):
                continue
            return key + ' is not in the row'
        if isinstance(row.get(key), list):
            if json.loads(found.get(key, 'null')) != row[key]:
                return key + ' differs'
        elif found.get(key) != harmless(wanted[key]):
            return '%s: %r instead of %r' % (key, found.get(key), harmless(wanted[key]))
    return None


def compare(line, row, record):
    header = HEADER.match(line)
    if header is None:
        return 'no header'
    priority, time, host, app, pid, kind = [part.decode() for part in header.groups()]
    denied = row.get('diag.verdict') == 'deny'
    if [priority, time, host, app, pid, 'diag.' + kind] != ['84' if denied else '86', row['time'], row.get('host.name', '-'), 'pam_diag',
                                                            '-', row['eventName']]:
        return 'the header differs: %s' % header.group().decode()
    identity, found, at = parameters(line, header.end())
    if identity != 'diag@32473':
        return 'not our structured data: ' + identity
    if line[at:at + 3] != MARK:
        return 'no byte order mark'
    if line[at + 3:] != record:
        return 'the record differs'
    return compare_fields(found, row)


def main():
    arguments = sys.argv[1:]
    back = 0
    if arguments[0] == '--again':
        back = int(arguments[1])
        arguments = arguments[2:]
    reference, records, stored = [open(name, 'rb').read().split(b'\n')[:-1] for name in arguments]
    rows = [json.loads(line) for line in reference]
    number = {row['log.record.uid'].encode(): i for i, row in enumerate(rows)}
    seen = {}
    last, most, again = -1, -1, 0
    for count, line in enumerate(stored, 1):
        uid = re.search(rb' log\.record\.uid="([^"]+)"', line)
        here = number.get(uid.group(1)) if uid else None
        if here is None:
            sys.exit('line %d is no row: %r' % (count, line[:200]))
        if here > last + 1:
            sys.exit('row %d follows row %d: rows are missing' % (here + 1, last + 1))
        if here <= most - back:
            sys.exit('row %d again, after row %d' % (here + 1, most + 1))
        if here in seen:
            again += 1
            if seen[here] != line:
                sys.exit('row %d again, in other bytes' % (here + 1))
        else:
            wrong = compare(line, rows[here], records[here])
            if wrong:
                sys.exit('row %d: %s' % (here + 1, wrong))
        seen[here] = line
        last, most = here, max(most, here)
    if most + 1 != len(rows):
        sys.exit('ends at row %d of %d' % (most + 1, len(rows)))
    print(again)


main()
