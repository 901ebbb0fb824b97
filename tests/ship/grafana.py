#!/usr/bin/env python3
"""grafana.py DIRECTORY SCHEMA ROWS: the dashboard and the alert rules name only labels and fields that there are.

A name is there when it is a label of a Loki stream, or is taken out of the line by the query itself, from a field that the schema has and
that stands in one of the real ROWS (JSON lines). Prints a line for each query.
"""
import json
import os
import re
import sys

import yaml

LABELS = {'service_name', 'host', 'verdict'}
TEXT = r'"(?:[^"\\]|\\.)*"'
GRAFANA = {'$__interval', '$__range', '$host'}
METRICS = {'node_systemd_unit_state': {'name', 'state', 'instance'}, 'node_systemd_timer_last_trigger_seconds': {'name', 'instance'}}


def balanced(text):
    open_, pairs = [], {')': '(', ']': '[', '}': '{'}
    for c in re.sub(TEXT, '""', text):
        if c in '([{':
            open_.append(c)
        elif c in pairs and (not open_ or open_.pop() != pairs[c]):
            return False
    return not open_


def selectors(expr):
    """The stream selectors, or a metric's: label → value."""
    bare = re.sub(TEXT, lambda match: match.group().replace('{', '\0').replace('}', '\1'), expr)
    for match in re.finditer(r'(\w*)\{([^{}]*)\}', bare):
        yield match.group(1), dict(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*(%s)' % TEXT, match.group(2)))


def check_loki(expr, schema, rows, legend=''):
    if not balanced(expr):
        return 'brackets'
    names = set(LABELS)
    fields = re.findall(r'(\w+)="\[\\"([^"\\]+)\\"\]"', expr)
    for name, field in fields:
        if field not in schema:
            return 'the schema has no field ' + field
        if not any(field in row for row in rows):
            return 'no row has a field ' + field
        names.add(name)
    for pattern in re.findall(r'\| regexp (%s)' % TEXT, expr):
        pattern = json.loads(pattern)
        names |= set(re.findall(r'\?P<(\w+)>', pattern))
        if not any(re.search(pattern, json.dumps(row, separators=(',', ':'))) for row in rows):
            return 'no row fits ' + pattern
    streams = list(selectors(expr))
    if not streams:
        return 'no stream'
    for _, labels in streams:
        if not set(labels) <= LABELS or labels.get('service_name') != '"pam_diag"':
            return 'another stream: %s' % labels
    used = set(re.findall(r'\bunwrap (\w+)', expr)) | set(re.findall(r'\{\{\.(\w+)\}\}', expr)) | set(re.findall(r'\{\{(\w+)\}\}', legend))
    for group in re.findall(r'\bby \(([^)]*)\)', expr):
        used |= {name.strip() for name in group.split(',')}
    used |= {name for name, _ in re.findall(r'\| (\w+)\s*=~?\s*(%s)' % TEXT, expr) if name != 'json'}
    if not used <= names:
        return 'names that nothing gives: %s' % sorted(used - names)
    events = {json.loads(value) for value in re.findall(r'\| event="?(%s)' % TEXT, expr)}
    kinds = {row['eventName'] for row in rows}
    if not events <= kinds:
        return 'kinds that there are not: %s' % sorted(events - kinds)
    if not set(re.findall(r'\$\w+', expr)) <= GRAFANA:
        return 'a variable'
    return ''


def check_prometheus(expr, legend=''):
    if not balanced(expr):
        return 'brackets'
    metrics = list(selectors(expr))
    for metric, labels in metrics:
        if metric not in METRICS or not set(labels) <= METRICS[metric]:
            return 'another metric: %s %s' % (metric, labels)
    return '' if metrics else 'no metric'


def check_dashboard(dashboard):
    variables = {item['name'] for item in dashboard['templating']['list']}
    panels = dashboard['panels']
    taken = set()
    for panel in panels:
        place = panel['gridPos']
        cells = {(x, y) for x in range(place['x'], place['x'] + place['w']) for y in range(place['y'], place['y'] + place['h'])}
        if cells & taken or place['x'] + place['w'] > 24:
            return 'panel %s lies on another' % panel['title']
        taken |= cells
        if panel['datasource']['uid'].strip('${}') not in variables or not panel['targets'] or not panel['description']:
            return 'panel %s is not whole' % panel['title']
    if len({panel['id'] for panel in panels}) != len(panels):
        return 'an id twice'
    return ''


def main():
    directory, schema_file, rows_file = sys.argv[1:4]
    with open(schema_file) as file:
        schema = set(json.load(file)['properties'])
    with open(rows_file) as file:
        rows = [json.loads(line) for line in file]
    with open(os.path.join(directory, 'dashboard.json')) as file:
        dashboard = json.load(file)
    results = [('the dashboard is whole', check_dashboard(dashboard))]
    for panel in dashboard['panels']:
        for target in panel['targets']:
            kind = target['datasource']['type']
            legend = target.get('legendFormat', '')
            wrong = check_loki(target['expr'], schema, rows, legend) if kind == 'loki' else check_prometheus(target['expr'], legend)
            results.append(('panel ' + panel['title'], wrong))
    for name in ('loki', 'prometheus'):
        with open(os.path.join(directory, name + '-rules.yaml')) as file:
            groups = yaml.safe_load(file)['groups']
        for rule in (rule for group in groups for rule in group['rules']):
            wrong = check_loki(rule['expr'], schema, rows) if name == 'loki' else check_prometheus(rule['expr'])
            told = set(re.findall(r'\$labels\.(\w+)', str(rule['annotations'])))
            by = {part.strip() for group in re.findall(r'\bby \(([^)]*)\)', rule['expr']) for part in group.split(',')} or {'instance'}
            results.append(('rule ' + rule['alert'], wrong or ('' if told <= by else 'tells of %s' % sorted(told - by))))
    for what, wrong in results:
        print('not ok %s: %s' % (what, wrong) if wrong else 'ok ' + what)


main()
