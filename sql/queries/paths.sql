-- By path in argv: which paths were among the words of commands, how often, and how often that was denied.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read paths.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
--
-- A path is a word that begins with one, or what stands behind the `=` of an option: as in the view `word`, whose way through every part of a
-- row takes longer. Here only words that may hold one are looked at (`/` and `-` are compared as bytes), and which rows were denied is
-- asked of the index that has no others.
--
-- One path and what lies below it: .param set :path "'/srv/data'"
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
),
refused AS MATERIALIZED (
        SELECT seq
        FROM event
        WHERE verdict = 'deny' AND time >= (SELECT since_us FROM span) AND time < (SELECT until_us FROM span)
),
word AS MATERIALIZED (
        SELECT e.seq AS seq, e.session AS session, e.time AS time_us, json_quote(w.value) AS word
        FROM event AS e, json_each(e.rec, '$.stages') AS s,
                json_each(s.value, iif(instr(s.value, '"argv":') = 0, '$.words', '$.argv')) AS w
        WHERE e.kind = 'exec' AND e.time >= (SELECT since_us FROM span) AND e.time < (SELECT until_us FROM span)
                AND (w.value >= '/' AND w.value < '0' OR w.value >= '-' AND w.value < '.' AND instr(w.value, '=/') > 0)
),
path AS (
        SELECT seq, session, time_us, substr(word, at, length(word) - at) AS path, seq IN (SELECT seq FROM refused) AS refused
        FROM (SELECT *, iif(word GLOB '"/*', 2, instr(word, '=/') + 1) AS at FROM word)
)
SELECT path, count(DISTINCT seq) AS commands,
        count(DISTINCT seq) FILTER (WHERE refused) AS denied,
        count(DISTINCT session) AS sessions,
        strftime('%Y-%m-%dT%H:%M:%SZ', max(time_us) / 1000000, 'unixepoch') AS last
FROM path
WHERE :path IS NULL OR path = :path OR substr(path, 1, length(:path) + 1) = :path || '/'
GROUP BY path
ORDER BY commands DESC, path
LIMIT coalesce(:most, 1000);
