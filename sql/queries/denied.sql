-- Denied attempts, the newest first: who asked for what, and why it was refused.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read denied.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
--
-- Lines and reasons are JSON text: an escape sequence in them is shown, not obeyed.
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
)
SELECT time, user, coalesce(key_name, key) AS key, client, line, code, rule, reason, substr(session, 1, 8) AS session
FROM command
WHERE seq IN (SELECT seq FROM event WHERE verdict = 'deny' AND +kind = 'exec'
                AND time >= (SELECT since_us FROM span) AND time < (SELECT until_us FROM span))
ORDER BY time_us DESC, seq DESC
LIMIT coalesce(:most, 1000);
