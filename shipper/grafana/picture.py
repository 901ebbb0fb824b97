#!/usr/bin/env python3
"""picture.py ROWS: draws commands of diag sessions as SVG, from JSON lines of diag-ship. The same rows give the same picture."""
import json
import sys
from xml.sax.saxutils import escape

WIDTH, LINE, TOP = 1000, 26, 96
COLUMNS = (('time', 24), ('host', 112), ('verdict', 196), ('command', 286), ('rule, or why not', 620), ('ms', 976))
COLOURS = {'allow': '#3fb950', 'deny': '#f85149'}


def cut(text, most):
    text = ' '.join(text.split())
    return text if len(text) <= most else text[:most - 1] + '…'


def commands(rows):
    """The judged command lines, each with how long it ran."""
    spans = {(row['session.id'], row['diag.invocation']): row.get('diag.duration_us') for row in rows if row['eventName'] == 'diag.exit'}
    for row in rows:
        if row['eventName'] == 'diag.exec':
            yield row, spans.get((row['session.id'], row.get('diag.invocation')))


def text(x, y, content, colour='#c9d1d9', extra=''):
    return '<text x="%d" y="%d" fill="%s"%s>%s</text>' % (x, y, colour, extra, escape(content))


def draw(rows):
    found = list(commands(rows))
    denied = sum(row['diag.verdict'] == 'deny' for row, _ in found)
    sessions = len({row['session.id'] for row, _ in found})
    height = TOP + LINE * len(found) + 20
    yield ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace, Menlo, Consolas, '
           'monospace" font-size="13" role="img" aria-label="Commands of diag sessions, as recorded">' % (WIDTH, height, WIDTH, height))
    yield '<rect width="%d" height="%d" rx="8" fill="#0d1117"/>' % (WIDTH, height)
    yield text(24, 34, '%d commands, %d denied, %d sessions' % (len(found), denied, sessions), '#f0f6fc', ' font-size="16"')
    share = (WIDTH - 48) * denied // max(len(found), 1)
    yield '<rect x="24" y="46" width="%d" height="6" rx="3" fill="%s"/>' % (WIDTH - 48, COLOURS['allow'])
    yield '<rect x="%d" y="46" width="%d" height="6" rx="3" fill="%s"/>' % (WIDTH - 24 - share, share, COLOURS['deny'])
    for name, x in COLUMNS:
        yield text(x, 78, name, '#8b949e', ' text-anchor="end"' if name == 'ms' else '')
    for number, (row, span) in enumerate(found):
        y = TOP + LINE * number + 8
        verdict = row['diag.verdict']
        yield text(24, y, row['time'][11:19], '#8b949e')
        yield text(112, y, cut(row.get('host.name', ''), 10))
        yield '<rect x="190" y="%d" width="52" height="19" rx="9" fill="%s"/>' % (y - 14, COLOURS.get(verdict, '#8b949e'))
        yield text(216, y, verdict, '#0d1117', ' text-anchor="middle" font-weight="bold"')
        yield text(286, y, cut(row['process.command_line'], 41))
        yield text(620, y, cut(row.get('diag.reason') or row.get('security_rule.name', ''), 41), '#8b949e')
        if span is not None:
            yield text(976, y, '%.1f' % (span / 1000), '#c9d1d9', ' text-anchor="end"')
    yield '</svg>'


def main():
    with open(sys.argv[1]) as file:
        rows = [json.loads(line) for line in file]
    if not any(row['eventName'] == 'diag.exec' for row in rows):
        sys.exit('no command in it')
    print('\n'.join(draw(rows)))


main()
