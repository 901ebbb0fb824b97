-- Sessions without a close record, the oldest first: they are open, or their supervisor was killed, or the host lost its power.
-- `diagctl sessions --open` tells these apart, as it can ask for the supervisor.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read unclosed.sql'
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
SELECT session, opened, user, coalesce(key_name, key) AS key, client, host
FROM session
WHERE closed IS NULL AND time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
ORDER BY time_us, seq;
