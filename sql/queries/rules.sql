-- By rule: how often each rule decided, and how often what it decided was denied; without a rule: no command of that name.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read rules.sql'
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
        SELECT rule, session, verdict, time_us
        FROM command
        WHERE time_us >= (SELECT since_us FROM span) AND time_us < (SELECT until_us FROM span)
)
SELECT
        rule,
        count(*) AS commands, count(*) FILTER (WHERE verdict = 'deny') AS denied, count(DISTINCT session) AS sessions,
        strftime('%Y-%m-%dT%H:%M:%SZ', min(time_us) / 1000000, 'unixepoch') AS first,
        strftime('%Y-%m-%dT%H:%M:%SZ', max(time_us) / 1000000, 'unixepoch') AS last
FROM line
GROUP BY rule
ORDER BY commands DESC, rule;
