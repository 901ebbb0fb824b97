-- By path in argv: which paths were among the words of commands, how often, and how often that was denied.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read paths.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
--
-- One path and what lies below it: .param set :path "'/srv/data'"
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
)
SELECT path, count(DISTINCT seq) AS commands,
        count(DISTINCT seq) FILTER (WHERE verdict = 'deny') AS denied,
        count(DISTINCT session) AS sessions,
        strftime('%Y-%m-%dT%H:%M:%SZ', max(time_us) / 1000000, 'unixepoch') AS last
FROM word
WHERE time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
        AND (:path IS NULL AND path IS NOT NULL OR path = :path OR substr(path, 1, length(:path) + 1) = :path || '/')
GROUP BY path
ORDER BY commands DESC, path
LIMIT coalesce(:most, 1000);
