-- Commands that were allowed and have no end on record: they run now, or their supervisor died.
-- `session_closed` tells the two apart: a session that is closed runs nothing.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read unfinished.sql'
SELECT
        c.time, c.session, c.invocation, c.user, c.client, c.line, c.rule,
        EXISTS (SELECT 1 FROM event WHERE event.session = c.session AND +kind = 'close') AS session_closed
FROM command AS c
WHERE c.verdict = 'allow'
        AND NOT EXISTS (SELECT 1 FROM event AS x
                WHERE x.session = c.session AND x.invocation = c.invocation AND +x.kind = 'exit')
ORDER BY c.time_us, c.seq;
