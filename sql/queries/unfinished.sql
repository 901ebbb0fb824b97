-- Commands that were allowed and have no exit record, the oldest first: they run now, or their supervisor died.
-- `session_closed` tells the two apart: a session that is closed runs nothing.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read unfinished.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
)
SELECT
        time, session, invocation, user, coalesce(key_name, key) AS key, client, line, rule,
        EXISTS (SELECT 1 FROM event AS e
                WHERE e.session = c.session AND e.invocation IS NULL AND +e.kind = 'close') AS session_closed
FROM command AS c
WHERE verdict = 'allow' AND how IS NULL
        AND time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
ORDER BY time_us, seq;
