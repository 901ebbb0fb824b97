-- Sessions, the newest first, with the number of their commands; a session without an end is "open" (or its host died).
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read sessions.sql'
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
        substr(session, 1, 8) AS session, opened, coalesce(closed, 'open') AS closed, how, killed_by, user, client,
        coalesce(key_name, key) AS key,
        (SELECT count(*) FROM event AS e WHERE e.session = s.session AND e.invocation > 0 AND +e.kind = 'exec') AS commands,
        (SELECT count(*) FROM event AS e
                WHERE e.session = s.session AND e.invocation > 0 AND +e.kind = 'exec' AND +e.verdict = 'deny') AS denied
FROM session AS s
WHERE time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
ORDER BY time_us DESC, seq DESC
LIMIT coalesce(:most, 1000);
