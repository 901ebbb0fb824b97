#!/usr/bin/env python3
"""stream_peer.py PORT-FILE HOW: a receiver of one connection that misbehaves. Writes its port into PORT-FILE once it listens.

Over plain TCP: reset N (after N bytes, with a reset), silent (takes the connection and nothing else), half N (reads N bytes, then closes),
never-ends (reads all, and does not close), forget (reads all, closes in good order, and dies with it). By RELP: refuse, garbage, huge, version, no-syslog, wrong-number, reorder, serverclose N, error N
(the Nth message), drop N (reset instead of the Nth acknowledgement), mute N (no acknowledgement from the Nth on), slowly (acknowledges in
single bytes). `relp` behaves well and prints the messages, one a line.
"""
import os
import re
import socket
import struct
import sys
import time

FRAME = re.compile(rb'(\d{1,9}) ([A-Za-z]{1,32}) (\d{1,9})')


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()


class Frames:
    """Strict: what is not exactly a frame ends the program with an error."""

    def __init__(self, connection):
        self.connection = connection
        self.bytes = b''

    def more(self):
        got = self.connection.recv(65536)
        if not got:
            raise EOFError
        self.bytes += got

    def next(self):
        while True:
            head = FRAME.match(self.bytes)
            if head and head.end() < len(self.bytes):
                length = int(head.group(3))
                end = head.end() + (1 + length if length else 0)
                if len(self.bytes) > end:
                    break
            self.more()
        if length and self.bytes[head.end():head.end() + 1] != b' ' or self.bytes[end:end + 1] != b'\n':
            sys.exit('not a frame: %r' % self.bytes[:100])
        data = self.bytes[head.end() + 1:end] if length else b''
        self.bytes = self.bytes[end + 1:]
        return int(head.group(1)), head.group(2).decode(), data


def answer(connection, number, text, slowly=False):
    frame = b'%d rsp %d' % (number, len(text)) + (b' ' + text if text else b'') + b'\n'
    for piece in ([frame[i:i + 1] for i in range(len(frame))] if slowly else [frame]):
        connection.sendall(piece)


def open_session(connection, frames, how):
    number, command, data = frames.next()
    if (number, command) != (1, 'open') or b'\ncommands=syslog' not in data or not data.startswith(b'relp_version=0\n'):
        sys.exit('not an open: %d %s %r' % (number, command, data))
    offers = b'200 OK\nrelp_version=0\nrelp_software=peer\ncommands=syslog'
    if how == 'refuse':
        offers = b'500 not today\x1b[2J'
    if how == 'version':
        offers = offers.replace(b'=0', b'=7')
    if how == 'no-syslog':
        offers = offers.replace(b'=syslog', b'=eventlog')
    if how == 'garbage':
        connection.sendall(b'220 mail.example ESMTP\r\n')
    elif how == 'huge':
        connection.sendall(b'1 rsp 99999999 ' + b'x' * 200000)
    else:
        answer(connection, 1, offers, how == 'slowly')


def misanswer(connection, how, at, count, number):
    """True: the message is acknowledged in the ordinary way."""
    if how == 'mute':
        return count < at
    if count != at:
        return True
    if how == 'error':
        answer(connection, number, b'500 no room')
    elif how == 'drop':
        reset(connection)
        sys.exit(0)
    elif how == 'serverclose':
        connection.sendall(b'0 serverclose 0\n')
        time.sleep(0.2)
        sys.exit(0)
    elif how == 'wrong-number':
        answer(connection, number + 1, b'200 OK')
    else:
        return True
    return False


def relp(connection, how, at):
    frames = Frames(connection)
    open_session(connection, frames, how)
    expected, held = 2, None
    while True:
        number, command, data = frames.next()
        if number != expected:
            sys.exit('transaction %d instead of %d' % (number, expected))
        expected += 1
        if command == 'close':
            answer(connection, number, b'')
            connection.sendall(b'0 serverclose 0\n')
            return
        if command != 'syslog':
            sys.exit('command ' + command)
        sys.stdout.buffer.write(data + b'\n')
        sys.stdout.buffer.flush()
        if how == 'reorder' and number % 2 == 0:
            held = number
            continue
        if misanswer(connection, how, at, number - 1, number):
            answer(connection, number, b'200 OK', how == 'slowly')
        if held:
            answer(connection, held, b'200 OK')
            held = None


def plain(connection, how, at):
    got = 0
    while how != 'silent':
        bytes_ = connection.recv(min(65536, at - got) if at else 65536)
        got += len(bytes_)
        if how == 'never-ends' and not bytes_:
            break
        if how == 'forget' and not bytes_:
            return
        if at and got >= at:
            if how == 'reset':
                reset(connection)
            else:
                connection.close()
            return
    time.sleep(60)


def main():
    port_file, how = sys.argv[1:3]
    at = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    listener = socket.create_server(('127.0.0.1', 0))
    with open(port_file + '.new', 'w') as out:
        out.write(str(listener.getsockname()[1]))
    os.rename(port_file + '.new', port_file)
    listener.settimeout(60)
    connection, _ = listener.accept()
    connection.settimeout(60)
    try:
        (plain if how in ('reset', 'silent', 'half', 'never-ends', 'forget') else relp)(connection, how, at)
    except (EOFError, ConnectionError):
        pass


main()
