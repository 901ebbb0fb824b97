-- Verifies the whole chain: every hash is made again from the hash before and the record, numbers have no gap, the
-- end is where the last insert left it. The chain starts from the anchor, the last row that was pruned (row 0 before
-- anything was), and the newest prune row must name it. Needs the sqlite3 shell, which has sha3(). One row comes out:
-- "ok", or "BROKEN" with the first row that does not fit; `head` is the last row's hash, to be held against a shipped
-- copy. Who has root can make a new chain that is whole, too: that shows by the macs and by shipped heads, to which
-- `diagctl verify` holds the rows.
--
--     sqlite3 -readonly /var/lib/pam_diag/audit.db '.read chain.sql'
WITH link AS (
        SELECT
                seq,
                hash = sha3(coalesce(lag(hash) OVER w, (SELECT hash FROM anchor)) || rec, 256)
                        AND seq = coalesce(lag(seq) OVER w, (SELECT seq FROM anchor)) + 1 AS fits
        FROM event
        WINDOW w AS (ORDER BY seq)
),
result AS (
        SELECT
                count(*) AS rows,
                min(seq) FILTER (WHERE fits IS NOT 1) AS broken,
                coalesce(max(seq), 0) AS last,
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) AS sequence
        FROM link
),
start AS (
        SELECT coalesce((SELECT instr(rec, ',"anchor":' || a.seq || ',"anchor_hash":"' || lower(hex(a.hash))
                        || '","anchor_mac":' || iif(a.mac IS NULL, 'null', '"' || lower(hex(a.mac)) || '"') || ',') > 0
                FROM event WHERE kind = 'prune' ORDER BY seq DESC LIMIT 1),
                a.seq = 0 AND a.hash = zeroblob(32) AND a.mac IS NULL) AS named
        FROM (SELECT 1) LEFT JOIN anchor AS a
)
SELECT
        CASE WHEN broken IS NULL AND last = sequence AND named IS 1 THEN 'ok' ELSE 'BROKEN' END AS chain,
        CASE WHEN broken IS NOT NULL THEN 'row ' || broken || ' does not fit'
                WHEN last <> sequence THEN 'rows after ' || last || ' are missing, up to ' || sequence
                WHEN named IS NOT 1 THEN 'no prune row names the anchor' END AS what,
        rows,
        last,
        (SELECT lower(hex(hash)) FROM event ORDER BY seq DESC LIMIT 1) AS head
FROM result, start;
