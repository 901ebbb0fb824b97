-- By client address: what came from where, and how much of it was denied.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read clients.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
),
line AS MATERIALIZED (
        SELECT session, verdict, time_us
        FROM command
        WHERE time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
),
used AS (
        SELECT
                session, count(*) AS commands, count(*) FILTER (WHERE verdict = 'deny') AS denied,
                min(time_us) AS first_us, max(time_us) AS last_us
        FROM line
        GROUP BY session
),
who AS (
        SELECT
                u.*,
                (SELECT client FROM session AS s WHERE s.session = u.session) AS client
        FROM used AS u
)
SELECT
        client,
        sum(commands) AS commands, sum(denied) AS denied, count(*) AS sessions,
        strftime('%Y-%m-%dT%H:%M:%SZ', min(first_us) / 1000000, 'unixepoch') AS first,
        strftime('%Y-%m-%dT%H:%M:%SZ', max(last_us) / 1000000, 'unixepoch') AS last
FROM who
GROUP BY client
ORDER BY commands DESC, client;
