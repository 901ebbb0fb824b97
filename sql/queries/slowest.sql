-- The slowest commands that ended, the slowest first.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read slowest.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
--
-- Only the rows that are shown are read as JSON; an exit has a higher seq than its exec, which spares a look at the exec itself.
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
),
ended AS MATERIALIZED (
        SELECT
                e.seq AS seq,
                (SELECT CASE WHEN instr(x.rec, '"duration_us":') > 0
                                THEN CAST(substr(x.rec, instr(x.rec, '"duration_us":') + 14, 19) AS INTEGER) END
                        FROM event AS x
                        WHERE x.session = e.session AND x.invocation = e.invocation AND x.seq > e.seq AND +x.kind = 'exit'
                        ORDER BY x.seq
                        LIMIT 1) AS duration_us
        FROM event AS e
        WHERE e.kind = 'exec' AND e.time >= (SELECT since_us FROM span) AND e.time < (SELECT until_us FROM span)
)
SELECT duration_ms, time, user, coalesce(key_name, key) AS key, line, how, status, stdout_bytes, substr(session, 1, 8) AS session
FROM command
WHERE seq IN (SELECT seq FROM ended
        WHERE duration_us IS NOT NULL
        ORDER BY duration_us / 1000 DESC, seq
        LIMIT coalesce(:most, 20))
ORDER BY duration_ms DESC, seq;
