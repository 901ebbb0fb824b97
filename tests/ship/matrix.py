"""The fault matrix: every fault on every HTTP sink. After each, the next run must drain what is left: no gap, the same bytes, at most
one batch twice."""
import sys

import driver
from peer import KINDS
from driver import NOW_S, Trial, Work, fill, print_table, tell

ROWS = 2000


def nth(*numbers):
    return lambda request, _: request in numbers


def larger(size):
    return lambda _, length: length > size


# name, faults, status of the first run, how many rows may come twice in batches, keys
TRANSIENT = [
    ('408 once', [(nth(3), '408')], 0, 0),
    ('429 without Retry-After', [(nth(2, 3), '429')], 0, 0),
    ('429, Retry-After in seconds', [(nth(2), '429+Retry-After:1')], 0, 0),
    ('429, Retry-After as a date', [(nth(2), '429+Retry-After:Tue, 14 Nov 2023 23:13:21 GMT')], 0, 0),
    ('429, Retry-After of a year', [(nth(3), 'once-429+Retry-After:31536000')], 75, 0),
    ('429, Retry-After beyond 64 bits', [(nth(3), 'once-429+Retry-After:99999999999999999999999')], 75, 0),
    ('429, Retry-After that means nothing', [(nth(2), '429+Retry-After:soon')], 0, 0),
    ('429 for ever', [(nth(*range(3, 60)), '429')], 75, 0),
    ('500 once', [(nth(2), '500')], 0, 0),
    ('500 for large bodies only', [(larger(150000), '500')], 0, 0),
    ('502, 503, 504', [(nth(2), '502'), (nth(3), '503'), (nth(4), '504')], 0, 0),
    ('503 for ever', [(nth(*range(3, 200)), '503')], 75, 0),
    ('413 for large bodies', [(larger(150000), '413')], 0, 0),
    ('401', [(nth(3), 'once-401')], 78, 0),
    ('redirect', [(nth(3), 'once-302+Location:http://127.0.0.1:1/')], 78, 0),
    ('404', [(nth(3), 'once-404')], 78, 0),
    ('200 with the page of a proxy', [(nth(3), '200=<html>welcome</html>')], 0, 0),
    ('a reply of 5 MiB', [(nth(3), '200=' + 'x' * (5 << 20))], 0, 0),
    ('reset in the midst of a body', [(nth(3), 'rst-early')], 0, 0),
    ('taken, then reset', [(nth(3), 'then-rst')], 0, 1),
    ('taken, then half a reply', [(nth(3), 'then-half')], 0, 1),
    ('stalls', [(nth(3), 'stall')], 0, 0),
]


def transient(work, kind, db, i):
    name, faults, status, batches = TRANSIENT[i]
    trial = Trial(work, f'{kind}-{i}', kind, db)
    trial.peer.faults = list(faults)
    got = trial.run()
    wrong = '' if got == status else f'status {got} instead of {status}'
    if status != 0:
        wrong = wrong or ('' if 0 < trial.cursor() < ROWS else f'the cursor stands at {trial.cursor()}')
        trial.peer.faults = []
        got = trial.run()
        wrong = wrong or ('' if got == 0 else f'the next run: status {got}')
    wrong = wrong or ('' if trial.cursor() == ROWS else f'the cursor ends at {trial.cursor()}')
    tell(trial, name, ROWS, wrong or trial.judge(ROWS, again=batches * trial.batch))


def poisoned(work, kind, db):
    """Rows that are refused whatever is done: alone, at the ends of batches, side by side."""
    dead = [1, 250, 251, 777, 778, 779, ROWS]
    trial = Trial(work, f'{kind}-poison', kind, db)
    trial.peer.poisoned = {seq: 'poison' for seq in dead}
    trial.peer.items = {seq: 400 for seq in dead}
    got = trial.run()
    wrong = '' if got == 65 else f'status {got} instead of 65'
    wrong = wrong or ('' if trial.cursor() == ROWS else f'the cursor ends at {trial.cursor()}')
    wrong = wrong or ('' if f'{len(trial.dead())} rows that it refuses were set aside in' in trial.error else 'not told')
    again = trial.run()
    wrong = wrong or ('' if again == 0 else f'the next run: status {again}')
    if kind == 'otlp':  # which ones were rejected is not told: each request that had one is set aside whole
        expected = set(range(1, 251)) | set(range(251, 501)) | set(range(751, 1001)) | set(range(1751, 2001))
        tell(trial, 'partialSuccess', ROWS, wrong or trial.judge(ROWS, dead=expected))
    elif kind == 'victorialogs':  # it drops them and says 200: nothing can be known
        driver.check('victorialogs: rows that it drops are not told', got == 0 and not trial.dead(), trial.error)
        trial.peer.stop()
    else:
        # Those that stand beside a refused one in the body that is divided come again: a 400 of Loki is partial.
        tell(trial, 'single rows refused', ROWS, wrong or trial.judge(ROWS, dead=dead, again=9 * trial.batch))


def refuses_everything(work, kind, db):
    trial = Trial(work, f'{kind}-all', kind, db)
    trial.peer.faults = [(lambda *_: True, '400=no such tenant')]
    got = trial.run()
    wrong = '' if got == 78 else f'status {got} instead of 78'
    wrong = wrong or ('' if trial.cursor() == 0 and not trial.dead() else 'rows were given up')
    wrong = wrong or ('' if trial.peer.requests < 100 else f'{trial.peer.requests} requests')
    wrong = wrong or ('' if 'no such tenant' in trial.error else 'not told')
    trial.peer.faults = []
    got = trial.run()
    tell(trial, '400 for everything', ROWS, wrong or ('' if got == 0 else f'the next run: {got}') or trial.judge(ROWS))


def one_row_fails(work, kind, db):
    """500 whenever row 700 is in the body, alone too: the row is set aside, and only it."""
    trial = Trial(work, f'{kind}-500', kind, db, 'retry = 20s')
    judge = trial.peer.judge
    uid = b':700"' if kind != 'loki' else b':700\\"'
    trial.peer.judge = lambda handler, raw: (500, None, 'index out of range') if uid in raw else judge(handler, raw)
    got = trial.run()
    wrong = '' if got == 65 else f'status {got} instead of 65'
    tell(trial, '500 for one row for ever', ROWS, wrong or trial.judge(ROWS, dead=[700], again=1))


def refused_connection(work, kind, db):
    trial = Trial(work, f'{kind}-refused', kind, db, 'retry = 1s')
    port = trial.peer.port
    trial.peer.stop()
    got = trial.run()
    wrong = '' if got == 75 else f'status {got} instead of 75'
    trial.peer = driver.Peer(kind, NOW_S, port=port)
    got = trial.run()
    tell(trial, 'nobody listens', ROWS, wrong or ('' if got == 0 else f'the next run: {got}') or trial.judge(ROWS))


def elastic_items(work, db):
    trial = Trial(work, 'elastic-items', 'elastic', db)
    trial.peer.items = {5: [429, 429], 6: [503], 300: [429], 301: 400, 302: 409, 2000: [429]}
    got = trial.run()
    wrong = '' if got == 65 else f'status {got} instead of 65'
    # 302 is said to be there already, so it does not come.
    trial.peer.store.rows['x:302'] = None
    tell(trial, 'items with 429, 503, 400, 409', ROWS, wrong or trial.judge(ROWS, dead=[301], again=0, ordered=False))
    trial = Trial(work, 'elastic-full', 'elastic', db, 'retry = 1s')
    trial.peer.items = {301: 429}
    got = trial.run()
    wrong = '' if got == 75 and trial.cursor() == 250 else f'status {got}, cursor {trial.cursor()}'
    trial.peer.items = {}
    got = trial.run()
    wrong = wrong or ('' if got == 0 else f'the next run: {got}')
    tell(trial, 'an item with 429 for ever', ROWS, wrong or trial.judge(ROWS, ordered=False))


def same_bytes(work, kind, db):
    """Two sinks, one compressed, with another size of batches and by another clock: the same bytes for each row."""
    first = Trial(work, f'{kind}-bytes-1', kind, db)
    second = Trial(work, f'{kind}-bytes-2', kind, db, 'gzip = yes\nbatch-bytes = 5000')
    faked = {'LD_PRELOAD': 'libfaketime.so.1', 'FAKETIME': '-8d', 'FAKETIME_DONT_FAKE_MONOTONIC': '1', 'TZ': 'Asia/Tokyo',
             'LD_LIBRARY_PATH': '/usr/lib/x86_64-linux-gnu/faketime:/usr/lib/aarch64-linux-gnu/faketime'}
    got = (first.run(), second.run(env=faked if 'asan' not in driver.BUILD else {'TZ': 'Asia/Tokyo'}))
    wrong = '' if got == (0, 0) else f'status {got}: {second.error}'
    wrong = wrong or ('' if first.peer.store.rows == second.peer.store.rows else 'the bytes differ')
    wrong = wrong or first.judge(ROWS, again=0)
    tell(second, 'gzip, other batches, a clock 8 days behind', ROWS, wrong or second.judge(ROWS, again=0))
    first.peer.stop()


def main():
    work = Work()
    try:
        db = fill(work.file('audit.db'), ROWS)
        calls = [(transient, work, kind, db, i) for i in range(len(TRANSIENT)) for kind in KINDS]
        for test in (poisoned, refuses_everything, one_row_fails, refused_connection, same_bytes):
            calls += [(test, work, kind, db) for kind in KINDS]
        driver.side_by_side(calls + [(elastic_items, work, db)], 12)
    finally:
        work.remove()
    print_table()
    return driver.finish()


if __name__ == '__main__':
    sys.exit(main())
