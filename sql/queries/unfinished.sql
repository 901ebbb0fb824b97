-- Commands that were allowed and have no exit record, the oldest first: they run now, or their supervisor died.
-- `session_closed` tells the two apart: a session that is closed runs nothing.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read unfinished.sql'
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
running AS MATERIALIZED (
        SELECT e.seq AS seq
        FROM event AS e
        WHERE e.kind = 'exec' AND e.time >= (SELECT since_us FROM span) AND e.time < (SELECT until_us FROM span) AND e.verdict = 'allow'
                AND NOT EXISTS (SELECT 1 FROM event AS x
                        WHERE x.session = e.session AND x.invocation = e.invocation AND x.seq > e.seq AND +x.kind = 'exit')
)
SELECT
        time, session, invocation, user, coalesce(key_name, key) AS key, client, line, rule,
        EXISTS (SELECT 1 FROM event AS e
                WHERE e.session = c.session AND e.invocation IS NULL AND +e.kind = 'close') AS session_closed
FROM command AS c
WHERE seq IN (SELECT seq FROM running)
ORDER BY time_us, seq;
