"""An HTTP server that takes what diag-ship sends, checks every byte of it against the protocol, and misbehaves on demand.

It stands for Loki, an OpenTelemetry collector, VictoriaLogs and Elasticsearch. What breaks a protocol is noted in `violations`, also
where the real server would silently drop it. Faults are a list of (condition, action), the first that fits a request is used up."""
import email.utils
import gzip
import http.server
import json
import re
import socket
import ssl
import struct
import threading
import time
import urllib.parse

HOUR = 3600 * 10**9
WEEK = 7 * 24 * HOUR


class Violation(Exception):
    """The request is not what the protocol says."""


def need(truth, what):
    if not truth:
        raise Violation(what)


def pairs(items):
    result = dict(items)
    need(len(result) == len(items), 'a key stands twice in an object')
    return result


def parse(text):
    try:
        return json.loads(text, object_pairs_hook=pairs)
    except ValueError as error:
        raise Violation(f'no JSON: {error}') from error


class Store:
    """The rows that a server has, by their uid, each with the bytes in which it came first."""

    def __init__(self):
        self.rows = {}
        self.order = []
        self.duplicates = 0
        self.conflicts = []

    def put(self, uid, content):
        if uid not in self.rows:
            self.rows[uid] = content
            self.order.append(uid)
            return True
        self.duplicates += 1
        if self.rows[uid] != content:
            self.conflicts.append((uid, self.rows[uid], content))
        return False


def seq_of(uid):
    return int(uid.rsplit(':', 1)[1])


class Loki:
    path = '/loki/api/v1/push'
    type = 'application/json'
    line_most = 262144

    def __init__(self, peer):
        self.peer = peer
        self.newest = {}

    def reason(self, labels, ns, line):
        now = self.peer.now_ns()
        if len(line.encode()) > self.line_most:
            return 'Max entry size exceeded'
        if ns < now - WEEK:
            return f'entry for stream has timestamp too old: x, oldest acceptable timestamp is: {stamp(now - WEEK)}'
        if ns > now + 600 * 10**9:
            return 'entry for stream has timestamp too new: x'
        newest = self.newest.get(labels, 0)
        if ns < newest - HOUR:
            return f'entry too far behind, entry timestamp is: x, oldest acceptable timestamp is: {stamp(newest - HOUR)}'
        return None

    def entry(self, labels, value, refused):
        need(isinstance(value, list) and len(value) == 2, 'an entry is a pair')
        ns, line = value
        need(isinstance(ns, str) and re.fullmatch('[0-9]{19}', ns), 'the time is nanoseconds in a string')
        need(isinstance(line, str), 'the line is a string')
        uid = parse(line)['log.record.uid']
        why = self.peer.poison(uid) or self.reason(labels, int(ns), line)
        if why:
            refused.append(why)
            return
        self.newest[labels] = max(self.newest.get(labels, 0), int(ns))
        self.peer.store.put(uid, (labels, ns, line))

    def take(self, request, body):
        need(request['query'] == '', 'no query')
        document = parse(body)
        need(list(document) == ['streams'] and document['streams'], 'streams and nothing else')
        refused = []
        for stream in document['streams']:
            need(sorted(stream) == ['stream', 'values'], 'a stream has stream and values')
            labels = stream['stream']
            need(0 < len(labels) <= 15, 'up to 15 labels')
            for name, value in labels.items():
                need(re.fullmatch('[a-zA-Z_][a-zA-Z0-9_]*', name) and isinstance(value, str) and value, 'a label')
            times = [int(value[0]) for value in stream['values']]
            need(times == sorted(times), 'a stream in the order of its times')
            for value in stream['values']:
                self.entry(json.dumps(labels), value, refused)
        if refused:
            return 400, 'text/plain', '\n'.join(refused[:10])
        return 204, None, ''


def stamp(ns):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(-(-ns // 10**9)))


VALUE = {'stringValue': str, 'intValue': str, 'boolValue': bool, 'arrayValue': dict}


class Otlp:
    path = '/v1/logs'
    type = 'application/json'

    def __init__(self, peer):
        self.peer = peer

    def value(self, value):
        need(len(value) == 1, 'a value has one kind')
        kind, content = next(iter(value.items()))
        need(kind in VALUE and isinstance(content, VALUE[kind]), f'a value of kind {kind}')
        if kind == 'intValue':
            need(re.fullmatch('-?[0-9]+', content), '64-bit integers are strings')
        if kind == 'arrayValue':
            need(list(content) == ['values'], 'an array has values')
            for one in content['values']:
                self.value(one)
        return content

    def attributes(self, items):
        found = {}
        for item in items:
            need(list(item) == ['key', 'value'], 'an attribute has key and value')
            need(item['key'] not in found, f'attribute {item["key"]} twice')
            found[item['key']] = self.value(item['value'])
        return found

    def record(self, record):
        need(list(record) == ['timeUnixNano', 'observedTimeUnixNano', 'severityNumber', 'severityText', 'eventName', 'body',
                              'attributes'], f'the members of a record: {list(record)}')
        for name in ('timeUnixNano', 'observedTimeUnixNano'):
            need(isinstance(record[name], str) and re.fullmatch('[0-9]{19}', record[name]), f'{name}: a string of nanoseconds')
        need(record['severityNumber'] in (9, 13), 'enums are numbers')
        self.value(record['body'])
        return self.attributes(record['attributes'])['log.record.uid']

    def take(self, request, body):
        need(request['query'] == '', 'no query')
        document = parse(body)
        need(list(document) == ['resourceLogs'], 'resourceLogs and nothing else')
        refused = []
        for resource in document['resourceLogs']:
            need(list(resource) == ['resource', 'scopeLogs'], 'resource, scopeLogs')
            need(list(resource['resource']) == ['attributes'], 'attributes of the resource')
            names = self.attributes(resource['resource']['attributes'])
            need(names['service.name'] == 'pam_diag', 'service.name')
            for scope in resource['scopeLogs']:
                need(list(scope) == ['scope', 'schemaUrl', 'logRecords'], 'scope, schemaUrl, logRecords')
                for record in scope['logRecords']:
                    uid = self.record(record)
                    if self.peer.poison(uid):
                        refused.append(uid)
                    else:
                        self.peer.store.put(uid, json.dumps([names, record]))
        if refused:
            return 200, self.type, json.dumps({'partialSuccess': {'rejectedLogRecords': str(len(refused)),
                                                                  'errorMessage': 'poison'}})
        return 200, self.type, '{"partialSuccess":{}}'


class VictoriaLogs:
    path = '/insert/jsonline'
    type = 'application/stream+json'
    query = {'_time_field': ['time'], '_msg_field': ['body'], '_stream_fields': ['host.name,diag.verdict']}

    def __init__(self, peer):
        self.peer = peer

    def take(self, request, body):
        query = urllib.parse.parse_qs(request['query'], strict_parsing=True)
        need(query == self.query, f'query {query}')
        need(body.endswith(b'\n'), 'the last line has its end')
        for line in body.decode().split('\n')[:-1]:
            need(len(line.encode()) < 262144, 'a line that would be dropped')
            row = parse(line)
            need(row['body'] and row['time'], 'message and time')
            if not self.peer.poison(row['log.record.uid']):
                self.peer.store.put(row['log.record.uid'], line)
        return 200, None, ''


class Elastic:
    path = '/diag/_bulk'
    type = 'application/x-ndjson'

    def __init__(self, peer):
        self.peer = peer

    def item(self, uid, line):
        status = self.peer.item_status(uid)
        if status == 201 and not self.peer.store.put(uid, line):
            status = 409
        result = {'_index': 'diag', '_id': uid, 'status': status}
        if status > 299:
            result['error'] = {'type': 'some_exception', 'reason': 'because "\u00e9"', 'caused_by': {'x': [1, 2.5e3, None]}}
        return {'create': result}

    def take(self, request, body):
        need(request['query'] == '', 'no query')
        need(body.endswith(b'\n'), 'ends with a newline')
        lines = body.decode().split('\n')[:-1]
        need(len(lines) % 2 == 0 and lines, 'pairs of lines')
        items = []
        for action, line in zip(lines[::2], lines[1::2]):
            action = parse(action)
            need(list(action) == ['create'] and list(action['create']) == ['_id'], 'create with _id')
            row = parse(line)
            need(action['create']['_id'] == row['log.record.uid'], 'the _id is the uid')
            need(row['@timestamp'] == row['time'], '@timestamp')
            items.append(self.item(row['log.record.uid'], line))
        failed = any(item['create']['status'] > 299 for item in items)
        return 200, 'application/json', json.dumps({'took': 3, 'errors': failed, 'items': items})


KINDS = {'loki': Loki, 'otlp': Otlp, 'victorialogs': VictoriaLogs, 'elastic': Elastic}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 60

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.peer.connections.append(self.connection)

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.server.peer.now_ns() / 10**9, usegmt=True)

    def reply(self, status, kind=None, body='', headers=()):
        data = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if kind:
            self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_GET(self):
        self.server.peer.gets += 1
        self.reply(200, 'text/plain', 'OK')

    def do_POST(self):
        peer = self.server.peer
        length = int(self.headers.get('Content-Length', '-1'))
        with peer.lock:
            peer.requests += 1
            action = peer.next_fault(length)
            if action in ('rst-early', 'stall', 'refuse'):
                pass
            else:
                raw = self.rfile.read(length)
                if len(raw) < length:  # the other end is gone
                    self.close_connection = True
                    return
                peer.bodies.append(length)
                if action is None or action.startswith('then-'):
                    result = peer.judge(self, raw)
        if action == 'rst-early':  # in the midst of the body
            self.rfile.read(length // 2)
            self.reset()
        elif action == 'stall':
            peer.stalled.set()
            time.sleep(peer.stall_s)
            self.reset()
        elif action in (None, 'then-rst', 'then-half'):
            if action == 'then-rst':  # taken, but nobody is told
                self.reset()
            elif action == 'then-half':
                self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
                self.close_connection = True
            else:
                self.reply(*result)
        else:
            peer.answer(self, action)


class Peer:
    """One server on a loopback port of its own."""

    def __init__(self, kind, now_s=None, gzipped=False, tls=None, port=0):
        self.store = Store()
        self.kind = KINDS[kind](self)
        self.now_s = now_s
        self.gzipped = gzipped
        self.violations = []
        self.faults = []
        self.poisoned = {}
        self.items = {}
        self.requests = self.gets = 0
        self.bodies = []
        self.connections = []
        self.stall_s = 5
        self.stalled = threading.Event()
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
        self.server.daemon_threads = True
        self.server.peer = self
        self.scheme = 'http'
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls[:2])
            if len(tls) > 2:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(tls[2])
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.server.handle_error = lambda *_: None
            self.scheme = 'https'
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()

    def url(self):
        return f'{self.scheme}://127.0.0.1:{self.port}{self.kind.path}'

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def kill(self):
        """As SIGKILL would: every connection ends at once."""
        self.stop()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def now_ns(self):
        return int((self.now_s if self.now_s is not None else time.time()) * 10**9)

    def poison(self, uid):
        return self.poisoned.get(seq_of(uid))

    def item_status(self, uid):
        waiting = self.items.get(seq_of(uid))
        if not waiting:
            return 201
        return waiting if isinstance(waiting, int) else waiting.pop(0)

    def next_fault(self, length):
        for i, (fits, action) in enumerate(self.faults):
            if fits(self.requests, length):
                if action.startswith('once-'):
                    del self.faults[i]
                    return action[len('once-'):]
                return action
        return None

    def judge(self, handler, raw):
        request = urllib.parse.urlsplit(handler.path)
        try:
            need(handler.request_version == 'HTTP/1.1' and request.path == self.kind.path, f'path {request.path}')
            need(handler.headers.get('Content-Type') == self.kind.type, f'content type {handler.headers.get("Content-Type")}')
            need('Expect' not in handler.headers and 'Transfer-Encoding' not in handler.headers, 'plain framing')
            need(handler.headers.get('User-Agent', '').startswith('pam_diag/'), 'user agent')
            need(handler.headers.get('Content-Encoding') == ('gzip' if self.gzipped else None), 'encoding')
            if self.gzipped:
                need(raw[:4] == b'\x1f\x8b\x08\x00' and raw[4:8] == b'\0\0\0\0', 'gzip without a name and a time')
                raw = gzip.decompress(raw)
            need(len(raw) <= 4 << 20, 'a body beyond 4 MiB')
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                raise Violation(str(error)) from error
            return self.kind.take({'query': request.query}, raw)
        except (Violation, KeyError, TypeError) as error:
            self.violations.append(repr(error))
            return 400, 'text/plain', repr(error)

    def answer(self, handler, action):
        """STATUS[+HEADER:VALUE][=BODY]: an answer that has nothing to do with the request, which is not stored."""
        head, _, body = action.partition('=')
        status, _, header = head.partition('+')
        headers = [tuple(header.split(':', 1))] if header else []
        handler.reply(int(status), 'text/html' if body.startswith('<') else None, body, headers)
