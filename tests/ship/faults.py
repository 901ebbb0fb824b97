"""Faults of this side: killed at named points, full disks, damaged and replaced files, locks, clocks, hostile rows, certificates,
a server that dies before what it acknowledged has settled."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import driver
from driver import NOW_S, Trial, Work, copy_db, fill, print_table, tell
from peer import KINDS, Peer, parse

ROWS = 2000
LOCK_S = int(os.environ.get('SHIP_LOCK_S', '7'))

# A point of a run, by the system call at which it is reached for the nth time.
POINTS = [
    ('before the first byte is sent', 'connect', 1),
    ('while a batch is sent', 'sendto', 4),
    ('before its reply is read', 'recvfrom', 6),
    ('before the cursor is flushed', 'fsync', 1),
    ('before the cursor is renamed', 'renameat', 1),
    ('before the recent cursor is written', 'write', 3),
    ('after it, before the directory is flushed', 'fsync', 2),
]


def killed(work, kind, db):
    for i, (name, call, n) in enumerate(POINTS):
        trial = Trial(work, f'{kind}-kill-{i}', kind, db)
        inject = ['strace', '-qq', '-f', '-o', '/dev/null', '-e', f'trace={call}', '-e', f'inject={call}:signal=KILL:when={n}']
        status = trial.run(before=inject)
        wrong = '' if status in (137, -9) else f'not killed: {status}'
        wrong = wrong or ('' if trial.cursor() < ROWS else 'too late')
        status = trial.run()
        tell(trial, f'killed {name}', ROWS, wrong or ('' if status == 0 else f'the next run: {status}') or trial.judge(ROWS))


def power_cut(work, kind, db):
    """What was not flushed is old, damaged or gone: some batches come twice, none is lost, and nobody has to look."""
    for name, spoil in (('gone', os.unlink), ('empty', lambda path: os.truncate(path, 0)), ('cut off', lambda path: os.truncate(path, 90)),
                        ('whole', lambda path: None)):
        trial = Trial(work, f'{kind}-power-{name}', kind, db)
        trial.run(before=['strace', '-qq', '-f', '-o', '/dev/null', '-e', 'trace=write', '-e',
                          'inject=write:signal=KILL:when=5'])
        recent = [os.path.join(trial.state, file) for file in os.listdir(trial.state) if file.endswith('.recent')]
        stood = trial.cursor()
        wrong = '' if recent and stood < ROWS else f'{os.listdir(trial.state)}, {stood}'
        if recent:
            spoil(recent[0])
        status = trial.run()
        # A recent cursor that stands on another one counts for nothing.
        again = trial.batch if name == 'whole' else ROWS
        wrong = wrong or ('' if status == 0 else f'the next run: {status}')
        tell(trial, f'power cut, the last cursor is {name}', ROWS, wrong or trial.judge(ROWS, again=again))
    trial = Trial(work, f'{kind}-restored', kind, db)
    status = trial.run()
    path = [os.path.join(trial.state, file) for file in os.listdir(trial.state) if file.endswith('.cursor')][0]
    os.unlink(path)
    status = trial.run()
    wrong = '' if status == 0 and trial.peer.store.duplicates == ROWS else f'{status}, {trial.peer.store.duplicates} again'
    tell(trial, 'the cursor is removed, the recent one is not', ROWS, wrong or trial.judge(ROWS, again=ROWS))


def failing_calls(work, kind, db):
    for call, when, error in (('renameat', 1, 'ENOSPC'), ('write', 3, 'ENOSPC'), ('fsync', 3, 'ENOSPC'), ('fsync', 3, 'EIO')):
        trial = Trial(work, f'{kind}-{call}-{error}', kind, db)
        status = trial.run(before=['strace', '-qq', '-f', '-o', '/dev/null', '-e', f'trace={call}', '-e',
                                   f'inject={call}:error={error}:when={when}'])
        wrong = '' if status == 75 and 'cannot store its cursor' in trial.error else f'status {status}'
        status = trial.run()
        tell(trial, f'{call} of the cursor: {error}', ROWS,
             wrong or ('' if status == 0 else f'the next run: {status}') or trial.judge(ROWS))


def dead_letters_fail(work, kind, db):
    """What cannot be set aside durably is not passed."""
    trial = Trial(work, f'{kind}-dead', kind, db)
    trial.peer.poisoned = {300: 'poison'}
    trial.peer.items = {300: 400}
    os.mkdir(trial.state, 0o700)
    status = trial.run('--batch', '250')
    wrong = '' if status == 65 and len(trial.dead()) == 1 else f'status {status}'
    dead = [name for name in os.listdir(trial.state) if name.endswith('.dead')][0]
    shutil.rmtree(trial.state)
    os.makedirs(os.path.join(trial.state, dead))  # in its place
    status = trial.run()
    wrong = wrong or ('' if status == 75 and trial.cursor() == 250 else f'status {status}, cursor {trial.cursor()}')
    os.rmdir(os.path.join(trial.state, dead))
    with open(os.path.join(trial.state, dead), 'w', encoding='utf-8') as torn:
        torn.write('{"sink":"s","why":"torn')
    status = trial.run()
    with open(os.path.join(trial.state, dead), encoding='utf-8') as lines:
        lines = lines.read().split('\n')
    wrong = wrong or ('' if status == 65 and len(lines) == 3 and json.loads(lines[1])['row'] else f'{status}, {lines[:2]}')
    with open(os.path.join(trial.state, dead), 'w', encoding='utf-8') as good:
        good.write(lines[1] + '\n')
    tell(trial, 'a refused row that cannot be set aside', ROWS, wrong or trial.judge(ROWS, dead=[300], again=5 * ROWS))


def damaged_cursor(work, kind, db):
    trial = Trial(work, f'{kind}-cursor', kind, db)
    trial.peer.faults = [(lambda request, _: request == 4, 'once-401')]
    trial.run()
    path = [os.path.join(trial.state, name) for name in os.listdir(trial.state) if name.endswith('.cursor')][0]
    with open(path, 'rb') as cursor:
        good = cursor.read()
    requests = trial.peer.requests
    wrong = ''
    for at in range(0, len(good), 7):
        with open(path, 'wb') as cursor:
            cursor.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        status = trial.run()
        wrong = wrong or ('' if status == 65 and 'damaged' in trial.error else f'byte {at}: status {status}')
    wrong = wrong or ('' if trial.peer.requests == requests else 'something was sent')
    with open(path, 'wb') as cursor:
        cursor.write(good)
    status = trial.run()
    tell(trial, 'a damaged cursor', ROWS, wrong or ('' if status == 0 else f'the next run: {status}') or trial.judge(ROWS))


def locked(work, kind, source):
    db = work.file('locked.db')
    copy_db(source, db)
    trial = Trial(work, f'{kind}-locked', kind, db)
    holder = sqlite3.connect(db, isolation_level=None)
    holder.execute('PRAGMA locking_mode = EXCLUSIVE')
    holder.execute('BEGIN EXCLUSIVE')
    holder.execute('COMMIT')
    status = trial.run()
    wrong = '' if status == 75 else f'status {status}: {trial.error}'
    holder.close()
    status = trial.run()
    tell(trial, 'a database that is locked for as long as it likes', ROWS,
         wrong or ('' if status == 0 else f'the next run: {status}') or trial.judge(ROWS, again=0))


def locked_for_long(work, kind, source):
    """Longer than a run waits unless it is told to. SHIP_LOCK_S=60 for a minute."""
    db = work.file('locked-long.db')
    copy_db(source, db)
    holder = sqlite3.connect(db, isolation_level=None, check_same_thread=False)
    holder.execute('PRAGMA locking_mode = EXCLUSIVE')
    holder.execute('BEGIN EXCLUSIVE')
    holder.execute('COMMIT')
    timer = threading.Timer(LOCK_S, holder.close)
    timer.start()
    trial = Trial(work, f'{kind}-locked-long', kind, db)
    status = trial.run('--wait', str(LOCK_S + 60), timeout=LOCK_S + 120)
    timer.join()
    wrong = '' if status == 0 else f'status {status}: {trial.error}'
    tell(trial, f'a database that is locked for {LOCK_S} s, and a run that waits', ROWS, wrong or trial.judge(ROWS, again=0))


def meanwhile(work, kind, source, name, change, expected):
    """Something happens to the database while a request stands."""
    db = work.file(f'{kind}-{name.split()[0]}.db')
    copy_db(source, db)
    trial = Trial(work, f'{kind}-{name.split()[0]}', kind, db, 'timeout = 5s')
    trial.peer.stall_s = 1
    trial.peer.faults = [(lambda request, _: request == 3, 'stall')]
    thread = threading.Thread(target=lambda: (trial.peer.stalled.wait(30), change(db)))
    thread.start()
    status = trial.run()
    thread.join()
    wrong = '' if status == expected else f'status {status} instead of {expected}'
    if expected != 0:
        copy_db(source, db)
        status = trial.run()
        wrong = wrong or ('' if status == 0 else f'the next run: {status}')
    tell(trial, name, ROWS, wrong or trial.judge(ROWS))


def delete_rows(condition):
    def change(db):
        connection = sqlite3.connect(db, timeout=10)
        connection.execute('DROP TRIGGER event_no_delete')
        connection.execute(f'DELETE FROM event WHERE {condition}')
        connection.commit()
        connection.close()
    return change


def replace_db(work):
    def change(db):
        fill(work.file('new.db'), 10)
        for ending in ('-wal', '-shm'):
            if os.path.exists(work.file('new.db') + ending):
                os.replace(work.file('new.db') + ending, db + ending)
        os.replace(work.file('new.db'), db)
    return change


def clocks(work, kind):
    """Rows whose clock jumped: two hours and eight days, both ways, and back."""
    db = work.file(f'{kind}-clocks.db')
    rows = 0
    for shift in (0, 7200, 0, -7200, 0, 8 * 86400, 0, -8 * 86400, 0, 1200):
        fill(db, 100, shift)
        rows += 100
    trial = Trial(work, f'{kind}-clocks', kind, db)
    trial.peer.now_s = NOW_S
    status = trial.run()
    wrong = '' if status == 0 else f'status {status}'
    wrong = wrong or trial.judge(rows, again=4 * trial.batch, ordered=False)
    if kind == 'loki':
        true = sum(1 for _, ns, line in trial.peer.store.rows.values() if parse(line)['time'][:19] == time.strftime(
            '%Y-%m-%dT%H:%M:%S', time.gmtime(int(ns) // 10**9)))
        wrong = wrong or ('' if true >= 100 else f'only {true} rows have their own time')
    tell(trial, 'clocks that jump by 2 hours and by 8 days', rows, wrong)


def old_backlog(work):
    """A backlog of weeks, interrupted: Loki takes nothing that old, and a row that is sent again has the same bytes."""
    db = fill(work.file('old.db'), ROWS)
    for name, faults in (('', []), (', interrupted', [(lambda request, _: request == 4, 'once-then-rst'),
                                                     (lambda request, _: request == 7, 'once-401')])):
        trial = Trial(work, f'loki-old{len(faults)}', 'loki', db)
        trial.peer.now_s = NOW_S + 30 * 86400
        trial.peer.faults = list(faults)
        status = trial.run()
        if faults:
            trial.peer.now_s += 6 * 3600
            status = trial.run()
        tell(trial, f'rows older than a month{name}', ROWS, '' if status == 0 and not trial.judge(ROWS) else
             f'status {status}: {trial.judge(ROWS)}')


def hostile(work, kind):
    """Commands of 128 KiB in all bytes, argv as large again."""
    db = fill(work.file(f'{kind}-hostile.db'), 10)
    fill(db, 10, 60, 131072)
    fill(db, 10, 120)
    trial = Trial(work, f'{kind}-hostile', kind, db)
    status = trial.run()
    wrong = '' if status == 0 else f'status {status}'
    wrong = wrong or trial.judge(30, again=0)
    tell(trial, '256 KiB of NUL, controls and invalid UTF-8 in a row', 30, wrong)


def unsettled(work):
    """The server acknowledges, dies, and comes back without what was only in its memory."""
    db = fill(work.file('settle.db'), ROWS)
    trial = Trial(work, 'victorialogs-settle', 'victorialogs', db, 'settle = 4s\nretry = 20s')
    process = subprocess.Popen(trial.command(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    while len(trial.peer.store.rows) < ROWS:
        time.sleep(0.02)
    wrong = '' if trial.cursor() == 0 else f'the cursor stands at {trial.cursor()} before anything has settled'
    port = trial.peer.port
    trial.peer.kill()
    trial.peer = Peer('victorialogs', NOW_S, port=port)
    status = process.wait(60)
    trial.error = process.stderr.read().decode()
    wrong = wrong or ('' if status == 0 and trial.cursor() == ROWS else f'status {status}, cursor {trial.cursor()}')
    tell(trial, 'dies within the settle time, and is another one then', ROWS, wrong or trial.judge(ROWS, again=0))
    trial = Trial(work, 'victorialogs-settle-2', 'victorialogs', db, 'settle = 4s\nretry = 1s')
    process = subprocess.Popen(trial.command(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    while len(trial.peer.store.rows) < ROWS:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wrong = '' if trial.cursor() == 0 else f'the cursor stands at {trial.cursor()}'
    status = trial.run()
    tell(trial, 'killed within the settle time', ROWS, wrong or ('' if status == 0 else f'{status}') or trial.judge(ROWS, again=ROWS))


def main():
    work = Work()
    try:
        db = fill(work.file('audit.db'), ROWS)
        calls = [(unsettled, work), (old_backlog, work), (damaged_cursor, work, 'loki', db), (locked, work, 'otlp', db),
                 (locked_for_long, work, 'loki', db),
                 (meanwhile, work, 'loki', db, 'acknowledged rows pruned meanwhile', delete_rows('seq <= 400'), 0),
                 (meanwhile, work, 'otlp', db, 'others pruned meanwhile', delete_rows('seq > 1200 AND seq < 1300'), 65),
                 (meanwhile, work, 'elastic', db, 'replaced meanwhile', replace_db(work), 65)]
        for kind in ('loki', 'elastic'):
            calls.append((dead_letters_fail, work, kind, db))
            # strace's failures and a sanitizer's own calls do not go together.
            if shutil.which('strace') and 'asan' not in driver.BUILD:
                calls += [(killed, work, kind, db), (failing_calls, work, kind, db), (power_cut, work, kind, db)]
        calls += [(test, work, kind) for kind in KINDS for test in (clocks, hostile)]
        driver.side_by_side(calls)
    finally:
        work.remove()
    print_table()
    return driver.finish()


if __name__ == '__main__':
    sys.exit(main())
