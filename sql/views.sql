-- What operators read with the plain sqlite3 shell, as in: sqlite3 -readonly audit.db 'SELECT * FROM command'
--
-- Text that a session can choose (line, argv, reason, …) is given as JSON text, `rec -> '$.line'`, and never by `->>`:
-- JSON text is escaped, so an ESC or a newline in a command line reaches the terminal as \u001b or \n and can neither
-- move the cursor nor forge a row. Names (user, client, rule, …) are the same text without its quotation marks.
--
-- `+kind` keeps SQLite from looking for a session's rows by their kind, which are many, instead of by their session. Rows that
-- belong to no invocation (open, close) are few in each session and stand first in event_session.
--
-- Made again after every migration.

DROP VIEW IF EXISTS session;
DROP VIEW IF EXISTS command;
DROP VIEW IF EXISTS word;

-- One row for each session, open or closed.
CREATE VIEW session AS
SELECT
        o.session AS session,
        strftime('%Y-%m-%dT%H:%M:%S', o.time / 1000000, 'unixepoch') || printf('.%06dZ', o.time % 1000000) AS opened,
        strftime('%Y-%m-%dT%H:%M:%S', c.time / 1000000, 'unixepoch') || printf('.%06dZ', c.time % 1000000) AS closed,
        trim(nullif(c.rec -> '$.how', 'null'), '"') AS how,
        trim(nullif(c.rec -> '$.by.name', 'null'), '"') AS killed_by,
        trim(nullif(o.rec -> '$.user', 'null'), '"') AS user,
        trim(nullif(o.rec -> '$.client', 'null'), '"') AS client,
        trim(nullif(o.rec -> '$.auth_method', 'null'), '"') AS auth_method,
        trim(nullif(o.rec -> '$.key', 'null'), '"') AS key,
        trim(nullif(o.rec -> '$.key_name', 'null'), '"') AS key_name,
        trim(nullif(o.rec -> '$.host', 'null'), '"') AS host,
        trim(nullif(o.rec -> '$.policy', 'null'), '"') AS policy,
        c.rec ->> '$.commands' AS commands,
        c.rec ->> '$.denied' AS denied,
        (c.rec ->> '$.duration_us') / 1000 AS duration_ms,
        o.rec -> '$.missing' AS missing,
        o.seq AS seq,
        o.time AS time_us
FROM event AS o
LEFT JOIN event AS c
        ON c.seq = (SELECT min(seq) FROM event WHERE session = o.session AND invocation IS NULL AND +kind = 'close')
WHERE o.kind = 'open';

-- One row for each invocation: what was asked, what was decided, and how it ended if it ran and has ended.
CREATE VIEW command AS
SELECT
        e.session AS session,
        e.invocation AS invocation,
        strftime('%Y-%m-%dT%H:%M:%S', e.time / 1000000, 'unixepoch') || printf('.%06dZ', e.time % 1000000) AS time,
        trim(nullif(o.rec -> '$.user', 'null'), '"') AS user,
        trim(nullif(o.rec -> '$.key', 'null'), '"') AS key,
        trim(nullif(o.rec -> '$.key_name', 'null'), '"') AS key_name,
        trim(nullif(o.rec -> '$.client', 'null'), '"') AS client,
        e.rec -> '$.line' AS line,
        e.verdict AS verdict,
        trim(nullif(e.rec -> '$.code', 'null'), '"') AS code,
        trim(nullif(e.rec -> '$.rule', 'null'), '"') AS rule,
        nullif(e.rec -> '$.reason', 'null') AS reason,
        e.rec -> '$.stages[0].argv' AS argv,
        nullif(e.rec -> '$.stages', '[]') AS stages,
        trim(nullif(x.rec -> '$.how', 'null'), '"') AS how,
        x.rec ->> '$.status' AS status,
        x.rec ->> '$.signal' AS signal,
        (x.rec ->> '$.duration_us') / 1000 AS duration_ms,
        x.rec ->> '$.stdout_bytes' AS stdout_bytes,
        x.rec ->> '$.stderr_bytes' AS stderr_bytes,
        x.rec ->> '$.refused_children' AS refused_children,
        e.seq AS seq,
        e.time AS time_us
FROM event AS e
LEFT JOIN event AS x
        ON x.seq = (SELECT min(seq) FROM event
                WHERE session = e.session AND invocation = e.invocation AND +kind = 'exit')
LEFT JOIN event AS o
        ON o.seq = (SELECT min(seq) FROM event WHERE session = e.session AND invocation IS NULL AND +kind = 'open')
WHERE e.kind = 'exec';

-- One row for each word of each stage: of the argv that ran, or of the words that were denied. `path` is the absolute path that the
-- word is, or that stands behind the `=` of an option, as text that a terminal does not obey.
CREATE VIEW word AS
SELECT
        e.session AS session,
        e.invocation AS invocation,
        e.verdict AS verdict,
        CAST(substr(w.path, 11) AS INTEGER) + 1 AS stage,
        w.key + 1 AS position,
        json_quote(w.value) AS word,
        CASE WHEN w.value LIKE '/%' THEN substr(json_quote(w.value), 2, length(json_quote(w.value)) - 2)
                WHEN w.value LIKE '-%=/%' THEN rtrim(substr(json_quote(w.value), instr(json_quote(w.value), '=/') + 1), '"')
        END AS path,
        e.seq AS seq,
        e.time AS time_us
FROM event AS e, json_tree(e.rec, '$.stages') AS w
WHERE e.kind = 'exec' AND w.type = 'text' AND w.path GLOB '$.stages[[]*].[aw]*';
