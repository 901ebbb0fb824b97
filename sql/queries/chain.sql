-- Verifies the whole chain: every hash is made again from the hash before and the record, numbers have no gap, the
-- end is where the last insert left it. Needs the sqlite3 shell, which has sha3(). One row comes out: "ok", or
-- "BROKEN" with the first row that does not fit; `head` is the last row's hash, to be held against a shipped copy
-- (only such a copy shows that somebody with root rewrote everything).
--
--     sqlite3 -readonly /var/lib/pam_diag/audit.db '.read chain.sql'
WITH link AS (
        SELECT
                seq,
                hash = sha3(coalesce(lag(hash) OVER w, zeroblob(32)) || rec, 256)
                        AND seq = coalesce(lag(seq) OVER w, 0) + 1 AS fits
        FROM event
        WINDOW w AS (ORDER BY seq)
),
result AS (
        SELECT
                count(*) AS rows,
                min(seq) FILTER (WHERE NOT fits) AS broken,
                coalesce(max(seq), 0) AS last,
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) AS sequence
        FROM link
)
SELECT
        CASE WHEN broken IS NULL AND last = sequence THEN 'ok' ELSE 'BROKEN' END AS chain,
        CASE WHEN broken IS NOT NULL THEN 'row ' || broken || ' does not fit'
                WHEN last <> sequence THEN 'rows after ' || last || ' are missing, up to ' || sequence END AS what,
        rows,
        last,
        (SELECT lower(hex(hash)) FROM event ORDER BY seq DESC LIMIT 1) AS head
FROM result;
