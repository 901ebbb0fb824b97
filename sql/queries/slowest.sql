-- The slowest commands that ended, the slowest first.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read slowest.sql'
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
SELECT duration_ms, time, user, coalesce(key_name, key) AS key, line, how, status, stdout_bytes, substr(session, 1, 8) AS session
FROM command
WHERE seq IN (SELECT seq FROM command
        WHERE duration_ms IS NOT NULL AND time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
        ORDER BY duration_ms DESC, seq
        LIMIT coalesce(:most, 20))
ORDER BY duration_ms DESC, seq;
