-- Chain and gaps in one span of time: every row has the row before it, and its hash is made of that row's hash and of itself. One row
-- comes out: "ok" or "BROKEN", and the first row that does not fit. All rows at once: chain.sql, which takes a second for a
-- million rows, or `diagctl verify`, which also holds them to the key and to what was kept elsewhere.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read gaps.sql'
--
-- The last 24 hours; for another span of time say before .read: .param set :since "'2026-01-31'" (UTC, also with a time
-- of day: "'2026-01-31 12:00'") and .param set :until "'2026-02-01'".
--
-- The links are kept (MATERIALIZED), or every hash would be made once for each column that asks for it.
WITH span AS (
        SELECT
                1000000 * coalesce(unixepoch(coalesce(:since, datetime('now', '-1 day'))),
                        json_extract('{}', 'not a time: :since = ' || :since)) AS since_us,
                1000000 * coalesce(unixepoch(coalesce(:until, datetime('now', '+1 day'))),
                        json_extract('{}', 'not a time: :until = ' || :until)) AS until_us
),
bounds AS (
        SELECT min(seq) AS first, max(seq) AS last
        FROM event
        WHERE kind IN ('open', 'exec', 'child', 'exit', 'close', 'monitor', 'head', 'prune')
                AND time >= (SELECT since_us FROM span) AND time < (SELECT until_us FROM span)
),
link AS MATERIALIZED (
        SELECT
                e.seq AS seq,
                b.seq IS NOT NULL OR e.seq = (SELECT seq + 1 FROM anchor) AS follows,
                e.hash IS sha3(coalesce(b.hash, (SELECT hash FROM anchor)) || e.rec, 256) AS fits
        FROM event AS e
        LEFT JOIN event AS b ON b.seq = e.seq - 1
        WHERE e.seq BETWEEN (SELECT first FROM bounds) AND (SELECT last FROM bounds)
)
SELECT
        CASE WHEN min(follows AND fits) = 0 THEN 'BROKEN' ELSE 'ok' END AS chain,
        count(*) AS rows, min(seq) AS first, max(seq) AS last,
        min(seq) FILTER (WHERE NOT follows) AS "row after a gap",
        min(seq) FILTER (WHERE follows AND NOT fits) AS "row that does not fit"
FROM link;
