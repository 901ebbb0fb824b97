#!/usr/bin/env python3
"""parity.py A B: are the records that two hosts have made of the same commands the same, but for host, ids, times and addresses?

From each row's stored record the values that may differ are taken, and replaced in every form by their names. What is left must be equal,
byte for byte.
"""
import json
import os
import re
import sys

# What may differ, by the member of the stored record.
MAY_DIFFER = {'time', 'session', 'host', 'boot', 'boot_us', 'monitor', 'pid', 'client_port', 'duration_us', 'user_us', 'system_us', 'max_rss_kb'}
# And by the field that goes out beside it.
FIELDS = {'log.record.uid', 'time', 'diag.chain', 'session.id', 'host.name', 'client.port', 'process.pid', 'diag.duration_us'}
JOURNAL = {'MESSAGE', 'DIAG_DB', 'DIAG_SESSION', 'DIAG_RECORD_UID', 'DIAG_TIME', 'DIAG_CHAIN', 'DIAG_REC', 'DIAG_SEQ', 'DIAG_EVENT', 'DIAG_VERDICT',
           'DIAG_RULE', 'DIAG_USER', 'DIAG_CLIENT', 'DIAG_KEY', 'DIAG_INVOCATION', 'MESSAGE_ID', 'PRIORITY', 'SYSLOG_FACILITY'}


def lines(directory, name):
    with open(os.path.join(directory, name), 'rb') as file:
        return file.read().decode().split('\n')[:-1]


def record(text):
    """The stored record, each value that may differ as its name."""
    return {key: '<%s>' % key if key in MAY_DIFFER else value for key, value in json.loads(text).items()}


def row(text):
    fields = json.loads(text)
    rec = fields.pop('diag.rec')
    return list(fields), {key: '<%s>' % key if key in FIELDS else value for key, value in fields.items()}, record(json.dumps(rec))


def syslog(text):
    head, data, message = re.fullmatch(r'(<\d+>1 .*?) (\[diag@\d+ .*?[^\\]"\]) \ufeff(.*)', text).groups()
    parts = head.split(' ')
    parts[1], parts[2] = '<time>', '<host>'
    for key in FIELDS:
        data = re.sub(r' %s="[^"]*"' % re.escape(key), ' %s="<%s>"' % (key, key), data)
    return parts, data, record(message)


def journal(text):
    entry = {key: value for key, value in json.loads(text).items() if key in JOURNAL}
    entry['DIAG_REC'] = record(entry['DIAG_REC'])
    for key in ('DIAG_DB', 'DIAG_SESSION', 'DIAG_TIME', 'DIAG_CHAIN', 'DIAG_RECORD_UID'):
        entry[key] = '<%s>' % key
    return entry


def main():
    one, two = sys.argv[1:3]
    hosts = [os.path.basename(path) for path in (one, two)]
    count = len(lines(one, 'rec'))
    print('%s there are rows of every kind that a session makes' % (
        'ok' if {json.loads(line)['kind'] for line in lines(one, 'rec')} >= {'open', 'exec', 'child', 'exit', 'close'} else 'not ok'))
    for name, reduce in (('rec', record), ('jsonl', row), ('syslog', syslog), ('relp', syslog), ('journal', journal)):
        a, b = lines(one, name), lines(two, name)
        wrong = '%d and %d rows instead of %d' % (len(a), len(b), count) if not len(a) == len(b) == count else ''
        for number, (left, right) in enumerate(zip(a, b), 1):
            if not wrong and reduce(left) != reduce(right):
                wrong = 'row %d: %r, %r' % (number, reduce(left), reduce(right))
            # The reduction is not what makes them equal, and no row is the other host's.
            if not wrong and (left == right or hosts[1] in left or hosts[0] in right.split('"rec"')[0] and name == 'rec'):
                wrong = 'row %d names the other host, or nothing of its own: %r' % (number, left)
        print('ok %s: the same on both hosts, %d rows' % (name, count) if not wrong else 'not ok %s: %s' % (name, wrong))


main()
