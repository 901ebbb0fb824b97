-- Export backlog: for each sink of diag-ship the last row that it has acknowledged, how many rows are behind, and how old the oldest of
-- them is. `database` says "another" when the cursor is of a database that was replaced.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read backlog.sql'
--
-- The cursors are files: the sqlite3 shell reads them. Where they lie elsewhere, say before .read: .param set :ship "'/path'"
WITH file AS (
        SELECT name, CAST(data AS TEXT) AS text
        FROM fsdir(coalesce(:ship, '/var/lib/pam_diag/ship'))
        WHERE mode & 0xf000 = 0x8000 AND substr(data, 1, 18) = CAST('pam_diag cursor 1' || char(10) AS BLOB)
),
cursor AS (
        SELECT
                substr(text, instr(text, char(10) || 'sink ') + 6) AS sink,
                substr(text, instr(text, char(10) || 'database ') + 10, 36) AS uuid,
                CAST(substr(text, instr(text, char(10) || 'seq ') + 5, 19) AS INTEGER) AS seq
        FROM file
)
SELECT
        json_quote(substr(sink, 1, instr(sink, char(10)) - 1)) AS sink,
        iif(uuid = (SELECT value FROM meta WHERE name = 'uuid'), 'this', 'another') AS database,
        seq AS acknowledged,
        (SELECT max(seq) FROM event) - seq AS behind,
        (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', time / 1000000, 'unixepoch') FROM event AS e WHERE e.seq = cursor.seq + 1) AS oldest,
        (SELECT CAST(strftime('%s', 'now') AS INTEGER) - time / 1000000 FROM event AS e WHERE e.seq = cursor.seq + 1) AS oldest_seconds
FROM cursor
ORDER BY sink;
