"""What the tests of the HTTP sinks share: databases, configurations, runs, and the judgement of what has arrived."""
import concurrent.futures
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import traceback

from peer import Peer, seq_of

BUILD = os.environ.get('BUILD', 'build')
SHIP = os.path.abspath(os.environ.get('SHIP') or os.path.join(BUILD, 'bin/diag-ship'))
FILL = os.path.join(BUILD, 'tests/fill')
# The times of fill's rows begin here; the peers' clock stands a little later.
BEGIN_S = 1700000000
NOW_S = BEGIN_S + 3600

failures = 0
passes = 0
table = []


told = []
mutex = threading.Lock()


def check(name, truth, detail=''):
    global failures, passes
    with mutex:
        if truth:
            passes += 1
            print(f'ok {name}', flush=True)
        else:
            failures += 1
            told.append(f'not ok {name}: {detail}')
            print(told[-1], flush=True)
    return truth


def side_by_side(work, width=6):
    """Calls (function, argument…), mostly they wait; a test that breaks is one that failed."""
    def call(one):
        try:
            one[0](*one[1:])
        except Exception:  # pylint: disable=broad-except
            check(f'{one[0].__name__} {one[2:]}', False, traceback.format_exc())

    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        list(pool.map(call, work))


def finish():
    """What failed comes once more at the end, where it is looked for."""
    for line in told:
        print(line)
    print(f'{passes} passed, {failures} failed')
    return 1 if failures else 0


class Work:
    """A directory below /run: ship.conf must lie where only root can write."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='pam_diag-ship.', dir='/run')
        os.chmod(self.path, 0o755)

    def file(self, name):
        return os.path.join(self.path, name)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def fill(db, rows, *more):
    subprocess.run([FILL, db, str(rows), *map(str, more)], check=True, stdout=subprocess.DEVNULL)
    return db


def copy_db(source, to):
    for ending in ('', '-wal', '-shm'):
        if os.path.exists(to + ending):
            os.unlink(to + ending)
    connection = sqlite3.connect(source)
    connection.execute(f"VACUUM INTO '{to}'")
    connection.close()
    connection = sqlite3.connect(to)
    connection.execute('PRAGMA journal_mode = WAL').fetchall()
    connection.close()


class Trial:
    """One sink, its state directory, and a database."""

    def __init__(self, work, name, kind, db, keys='', peer=None, batch=250):
        self.work, self.name, self.kind, self.db, self.batch = work, name, kind, db, batch
        self.peer = peer or Peer(kind, NOW_S, gzipped='gzip = yes' in keys)
        self.state = work.file(f'{name}.state')
        self.conf = work.file(f'{name}.conf')
        self.keys = keys
        self.error = ''
        shutil.rmtree(self.state, ignore_errors=True)
        self.write(keys)

    def write(self, keys):
        defaults = {'timeout': '1s', 'retry': '3s', 'settle': '0', 'batch-rows': str(self.batch)}
        given = {line.split('=')[0].strip() for line in keys.splitlines()}
        with open(self.conf, 'w', encoding='utf-8') as conf:
            conf.write(f'[sink s]\ntype = {self.kind}\nurl = {self.peer.url()}\n{keys}\n')
            conf.writelines(f'{key} = {value}\n' for key, value in defaults.items() if key not in given)

    def command(self, *more):
        return [SHIP, '--config', self.conf, '--db', self.db, '--state', self.state, *more]

    def run(self, *more, before=(), env=None, timeout=120, cwd=None):
        result = subprocess.run([*before, *self.command(*more)], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                                env={**os.environ, **(env or {})}, cwd=cwd, check=False)
        self.error = result.stderr.decode(errors='replace')
        return result.returncode

    def cursor(self):
        for path in glob.glob(self.state + '/*.cursor'):
            with open(path, encoding='utf-8') as cursor:
                return int([line for line in cursor if line.startswith('seq ')][0].split()[1])
        return 0

    def dead(self):
        letters = []
        for path in glob.glob(self.state + '/*.dead'):
            with open(path, encoding='utf-8') as lines:
                letters += [json.loads(line) for line in lines]
        return letters

    def judge(self, rows, dead=(), again=None, ordered=True):
        """What is wrong with what has arrived: nothing lost, nothing changed, not more than a batch twice. '' when all is well."""
        peer = self.peer
        have = {seq_of(uid) for uid in peer.store.rows}
        lost = set(range(1, rows + 1)) - have - set(dead)
        kept = {seq_of(letter['row']['log.record.uid']) for letter in self.dead()}
        again = self.batch if again is None else again
        streams = {}
        for uid in peer.store.order:  # Loki's rows are in order within their stream
            content = peer.store.rows[uid]
            streams.setdefault(content[0] if isinstance(content, tuple) else '', []).append(seq_of(uid))
        if peer.violations:
            return f'protocol: {peer.violations[:3]}'
        if peer.store.conflicts:
            return f'sent again in other bytes: {peer.store.conflicts[0]}'
        if lost:
            return f'{len(lost)} rows lost, such as {sorted(lost)[:5]}'
        if kept != set(dead):
            return f'set aside: {sorted(kept)[:9]}, not {sorted(dead)[:9]}'
        if peer.store.duplicates > again:
            return f'{peer.store.duplicates} rows twice, more than {again}'
        if ordered and any(arrived != sorted(arrived) for arrived in streams.values()):
            return 'not in order'
        return ''


def tell(trial, fault, rows, wrong):
    have = set(trial.peer.store.rows) | {letter['row']['log.record.uid'] for letter in trial.dead()}
    lost = rows - len(have)
    table.append((trial.kind, fault, trial.peer.requests, trial.peer.store.duplicates, len(trial.dead()), lost))
    check(f'{trial.kind}: {fault}', not wrong, f'{wrong}; last said: {trial.error.strip()}')
    trial.peer.stop()


def print_table():
    print(f'# {"sink":13} {"fault":58} requests  twice  aside  lost')
    for kind, fault, requests, twice, aside, lost in sorted(table):
        print(f'# {kind:13} {fault:58} {requests:8} {twice:6} {aside:6} {lost:5}')
    print(f'# {len(table)} faults tried, {sum(row[5] for row in table)} rows lost')
