"""The command line, ship.conf, credentials and TLS, from outside; the schema against real rows; real servers where their URL is given
(SHIP_LOKI_URL, SHIP_OTLP_URL, SHIP_VICTORIALOGS_URL, SHIP_ELASTIC_URL)."""
import glob
import json
import os
import subprocess
import sys
import time

import driver
from driver import NOW_S, Trial, Work, check, fill
from peer import KINDS, Peer, parse

ROWS = 300


def expect(trial, name, status, words, *more, **how):
    got = trial.run(*more, **how)
    return check(name, got == status and words in trial.error, f'status {got} instead of {status}; said: {trial.error.strip()}')


def configuration(work, db):
    trial = Trial(work, 'conf', 'loki', db)
    expect(trial, 'a good ship.conf', 0, 's: good; acknowledged up to seq 0', '--check')
    check('--check makes no state', not os.path.exists(trial.state), 'it is there')
    expect(trial, '--dry-run counts', 0, f'would send {ROWS} rows, ', '--dry-run')
    check('--dry-run sends and moves nothing', not os.path.exists(trial.state) and trial.peer.requests == 0, 'it did')
    expect(trial, 'a run', 0, f'{ROWS} rows, up to seq {ROWS}', '--once')
    expect(trial, 'nothing more to send', 0, f's: 0 rows, up to seq {ROWS}')
    expect(trial, '--check tells how far', 0, f'up to seq {ROWS}', '--check')
    expect(trial, 'a sink that is not in the file', 78, 'has no such sink', '--sink', 'other')
    expect(trial, '--sink by name', 0, 's: 0 rows', '--sink', 's')
    with open(trial.conf, 'a', encoding='utf-8') as conf:
        conf.write('nonsense = 1\ntimeout = never\n')
    expect(trial, 'every error has its place', 78, f'{trial.conf}:9:1: unknown key `nonsense`\n{trial.conf}:10:1: `timeout` is given '
           f'twice\ndiag-ship: {trial.conf}: 2 errors; nothing is sent')
    os.chmod(trial.conf, 0o666)
    expect(trial, 'a file that others may write', 78, 'writable')
    os.unlink(trial.conf)
    expect(trial, 'no file', 78, 'no /run/')
    subprocess_status = subprocess.run([driver.SHIP, '--check', '--dry-run'], capture_output=True, check=False).returncode
    check('--check and --dry-run exclude each other', subprocess_status == 64, subprocess_status)
    trial.peer.stop()


def without_libcurl(work, db):
    """A build whose libcurl has another name: nothing is sent, and one line says what to do."""
    if 'asan' in driver.BUILD or not os.path.exists('Makefile'):
        return
    trial = Trial(work, 'no-libcurl', 'loki', db)
    lacking = work.file('diag-ship-lacking')
    subprocess.run(['make', '-s', 'mutant', 'P=ship', 'S=shipper/http.c', 'EDIT=s/(LIBCURL,/("libnone.so.0",/', f'OUT={lacking}'], check=True)
    got = subprocess.run([lacking, *trial.command()[1:]], capture_output=True, text=True, check=False)
    check('without libcurl', got.returncode == 78 and 'cannot load libnone.so.0' in got.stderr
          and 'install libcurl, or remove this sink' in got.stderr, f'{got.returncode} {got.stderr}')
    check('  nothing is sent', trial.peer.requests == 0, trial.peer.requests)
    trial.peer.stop()


def changed_address(work, db):
    """The cursor has the sink's name: another server goes on where the first one stopped."""
    trial = Trial(work, 'move', 'loki', db)
    trial.peer.faults = [(lambda request, _: request == 2, '401')]
    trial.run()
    trial.peer.stop()
    trial.peer = Peer('loki', NOW_S)
    trial.write('')
    expect(trial, 'another address, the same name', 0, '50 rows, up to seq 300')
    trial.write('type = otlp')
    trial.peer.stop()


def since(work, db):
    first = driver.BEGIN_S
    for when, begin in ((f'@{first - 10}', 1), (f'@{first}', 1), (f'@{first + 1}', ROWS + 1), ('@1', 1)):
        trial = Trial(work, f'since-{when}', 'loki', db)
        expect(trial, f'--since {when}', 0, f'{ROWS + 1 - begin} rows, up to seq {ROWS}', '--since', when)
        expect(trial, '  holds for the next run too', 0, '0 rows', '--since', '@1')
        trial.peer.stop()
    # Half a second into the rows there is one for every millisecond.
    trial = Trial(work, 'since-later', 'loki', fill(work.file('since.db'), 2500))
    trial.peer.faults = [(lambda request, _: request == 1, 'once-401')]
    trial.run('--since', f'@{first + 1}')
    check('--since is kept when the run fails', trial.cursor() == 1000, trial.cursor())
    expect(trial, '  and the next goes on from it', 0, '1500 rows, up to seq 2500')
    expect(trial, 'a time that is none', 64, '--since yesterday', '--since', 'yesterday')
    trial.peer.stop()


def states(work, db):
    """A state directory that is not there yet, by every way to say where. Root gives it to the owner of the directory above."""
    above = work.file('above')
    os.mkdir(above)
    os.chown(above, 65534, 65534)
    for path in ('relative', './dot', 'slash/', os.path.join(above, 'absolute')):
        trial = Trial(work, 'states', 'loki', db)
        trial.state = path
        status = trial.run(cwd=above)
        check(f'--state {path}', status == 0, f'{status} {trial.error.strip()}')
        made = os.path.join(above, path)
        owner = os.stat(made).st_uid if os.path.isdir(made) else None
        check('  belongs to whom the directory above belongs', owner == 65534, owner)
        trial.peer.stop()
    trial = Trial(work, 'states', 'loki', db)
    trial.state = 'no/such'
    status = trial.run(cwd=above)
    check('--state below what is not there', status == 78 and 'no/such: No such file or directory' in trial.error,
          f'{status} {trial.error.strip()}')
    trial.peer.stop()


def credentials(work, db):
    secret = work.file('token')
    with open(secret, 'w', encoding='utf-8') as file:
        file.write('s3cret\n')
    trial = Trial(work, 'token', 'loki', db, f'token = {secret}\ntenant = ops')
    seen = []
    judge = trial.peer.judge
    trial.peer.judge = lambda handler, raw: (seen.append(dict(handler.headers)), judge(handler, raw))[1]
    expect(trial, 'a token by its path', 0, 'up to seq 300')
    check('  is sent as it is, with the tenant', seen[0].get('Authorization') == 'Bearer s3cret' and
          seen[0].get('X-Scope-OrgID') == 'ops', seen)
    trial = Trial(work, 'name', 'loki', db, 'user = me\npassword = token')
    expect(trial, 'a credential of the unit without a unit', 78, '$CREDENTIALS_DIRECTORY is not set')
    expect(trial, '--check sees that too', 78, '$CREDENTIALS_DIRECTORY is not set', '--check')
    seen.clear()
    judge2 = trial.peer.judge
    trial.peer.judge = lambda handler, raw: (seen.append(dict(handler.headers)), judge2(handler, raw))[1]
    expect(trial, 'a credential of the unit', 0, 'up to seq 300', env={'CREDENTIALS_DIRECTORY': work.path})
    check('  is sent as user and password', seen[0].get('Authorization') == 'Basic bWU6czNjcmV0', seen)
    for content, words in (('', 'is empty'), ('a\nb\n', 'is not one line'), ('x' * 70000, 'cannot read')):
        with open(secret, 'w', encoding='utf-8') as file:
            file.write(content)
        expect(trial, f'a secret of {len(content)} bytes', 78, words, '--check', env={'CREDENTIALS_DIRECTORY': work.path})
    check('a secret is never told', 's3cret' not in trial.error, trial.error)
    trial.write('token = /x')
    with open(trial.conf, encoding='utf-8') as conf:
        text = conf.read().replace('127.0.0.1', 'logs.example')
    with open(trial.conf, 'w', encoding='utf-8') as conf:
        conf.write(text)
    expect(trial, 'credentials without TLS', 78, 'credentials would travel without TLS', '--check')
    expect(trial, 'a proxy of the environment is not used', 78, 'credentials', env={'http_proxy': 'http://127.0.0.1:1'})
    trial.write('')
    expect(trial, '  nor is one by other names', 0, 's: ', env={'http_proxy': 'http://127.0.0.1:1', 'ALL_PROXY': 'http://127.0.0.1:1'})
    trial.peer.stop()


def make_certificates(work):
    faked = {**os.environ, 'LD_PRELOAD': ':'.join(glob.glob('/usr/lib/*/faketime/libfaketime.so.1')), 'FAKETIME': '-400d'}

    def openssl(*arguments, env=None):
        subprocess.run(['openssl', *arguments], check=True, capture_output=True, cwd=work.path, env=env)

    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem',
            '-subj', '/CN=test CA', '-days', '2', '-addext', 'keyUsage=critical,keyCertSign')
    for name, alternative, env in (('server', 'IP:127.0.0.1', None), ('other', 'DNS:elsewhere', None),
                                   ('expired', 'IP:127.0.0.1', faked), ('client', 'DNS:client', None)):
        openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', f'{name}.key', '-out',
                f'{name}.csr', '-subj', f'/CN={name}')
        with open(work.file('ext'), 'w', encoding='utf-8') as file:
            file.write(f'subjectAltName={alternative}\n')
        openssl('x509', '-req', '-in', f'{name}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
                '-extfile', 'ext', '-out', f'{name}.pem', env=env)


def tls(work, db):
    make_certificates(work)
    authority = f'ca = {work.file("ca.pem")}'
    cases = [
        ('a good certificate', 'server', authority, 0, 'up to seq 300'),
        ('a certificate of nobody we know', 'server', '', 78, 'certificate'),
        ('a certificate for another name', 'other', authority, 78, 'subject name'),
        ('an expired certificate', 'expired', authority, 78, 'expired'),
        ('a CA file that is not there', 'server', 'ca = /nowhere', 78, 'ca: cannot read /nowhere'),
    ]
    for name, certificate, keys, status, words in cases:
        pair = (work.file(f'{certificate}.pem'), work.file(f'{certificate}.key'))
        trial = Trial(work, f'tls-{certificate}-{status}', 'loki', db, keys, peer=Peer('loki', NOW_S, tls=pair))
        expect(trial, name, status, words, *(['--check'] if 'nowhere' in keys else []))
        check('  and nothing is sent otherwise', (trial.peer.requests > 0) == (status == 0), trial.peer.requests)
        trial.peer.stop()
    pair = (work.file('server.pem'), work.file('server.key'), work.file('ca.pem'))
    trial = Trial(work, 'tls-client', 'loki', db, authority + '\nretry = 0', peer=Peer('loki', NOW_S, tls=pair))
    status = trial.run()
    check('a server that wants a certificate of us', status in (75, 78) and trial.peer.requests == 0, f'{status} {trial.error}')
    trial.write(f'{authority}\ncertificate = {work.file("client.pem")}\nkey = {work.file("client.key")}')
    expect(trial, '  gets it', 0, 'up to seq 300')
    trial.peer.stop()


def lines_of(kind, peer):
    for content in peer.store.rows.values():
        if kind == 'loki':
            yield parse(content[2])
        elif kind != 'otlp':
            row = parse(content)
            yield {name: value for name, value in row.items() if name != '@timestamp' and not name.startswith('labels.')}


def flat(value):
    kind, content = next(iter(value.items()))
    if kind == 'arrayValue':
        return [flat(one) for one in content['values']]
    return int(content) if kind == 'intValue' else content


def of_otlp(peer):
    for content in peer.store.rows.values():
        _, record = json.loads(content)
        row = {item['key']: flat(item['value']) for item in record['attributes']}
        ns = int(record['timeUnixNano'])
        row.update(time=time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ns // 10**9)) + f'.{ns // 1000 % 10**6:06}Z',
                   eventName=record['eventName'], severityText=record['severityText'], body=record['body']['stringValue'])
        if 'diag.rec' in row:
            row['diag.rec'] = json.loads(row['diag.rec'])
        yield row


def schema(work, db):
    try:
        import jsonschema
    except ImportError:
        print('skip the schema: no python3-jsonschema')
        return
    printed = subprocess.run([driver.SHIP, '--print-schema'], capture_output=True, check=True).stdout
    with open('shipper/schema.json', 'rb') as file:
        check('--print-schema prints the file', printed == file.read())
    document = json.loads(printed)
    jsonschema.Draft202012Validator.check_schema(document)
    validator = jsonschema.Draft202012Validator(document)
    every = {}
    fill(db, 4, 120, 100000)
    kinds = set()
    for kind in KINDS:
        trial = Trial(work, f'schema-{kind}', kind, db)
        expect(trial, f'{kind}: rows of every kind', 0, 'up to seq')
        rows = list(of_otlp(trial.peer) if kind == 'otlp' else lines_of(kind, trial.peer))
        wrong = [(row['log.record.uid'], error.message[:200]) for row in rows for error in validator.iter_errors(row)]
        check(f'{kind}: {len(rows)} rows are as the schema says', rows and not wrong, wrong[:3])
        kinds |= {row['eventName'] for row in rows}
        every[kind] = {row['log.record.uid']: row for row in rows if 'diag.cut' not in row}
        trial.peer.stop()
    check('every kind was among them',
          kinds >= {'diag.' + kind for kind in ('open', 'exec', 'exit', 'child', 'monitor', 'close', 'head')}, kinds)
    for kind in KINDS:
        same = [uid for uid in every[kind] if uid in every['elastic'] and every[kind][uid] != every['elastic'][uid]]
        check(f'{kind}: the same fields as in every other sink', not same, same[:3])
    row = next(iter(every['loki'].values()))
    for name, value in (('nonsense', 1), ('time', 'now'), ('diag.invocation', '1'), ('process.command_args', 'x')):
        check(f'the schema would refuse {name} = {value}', not validator.is_valid({**row, name: value}))
    del row['body']
    check('the schema would refuse a row without its body', not validator.is_valid(row))


def real_servers(work):
    for kind in KINDS:
        url = os.environ.get(f'SHIP_{kind.upper()}_URL')
        if url is None:
            print(f'skip a real {kind}: no SHIP_{kind.upper()}_URL')
            continue
        trial = Trial(work, f'real-{kind}', kind, fill(work.file(f'real-{kind}.db'), ROWS, int(time.time()) - driver.BEGIN_S - 60))
        with open(trial.conf, 'w', encoding='utf-8') as conf:
            conf.write(f'[sink s]\ntype = {kind}\nurl = {url}\n')
        expect(trial, f'a real {kind}', 0, f'{ROWS} rows, up to seq {ROWS}')
        trial.peer.stop()


def main():
    work = Work()
    try:
        db = fill(work.file('audit.db'), ROWS)
        configuration(work, db)
        without_libcurl(work, db)
        changed_address(work, db)
        since(work, db)
        states(work, db)
        credentials(work, db)
        tls(work, db)
        schema(work, db)
        real_servers(work)
    finally:
        work.remove()
    return driver.finish()


if __name__ == '__main__':
    sys.exit(main())
