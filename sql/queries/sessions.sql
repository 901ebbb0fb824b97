-- Sessions, newest first, with the number of their commands; a session without an end is "open" (or its host died).
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read sessions.sql'
WITH newest AS (
        SELECT seq FROM event WHERE kind = 'open' ORDER BY time DESC LIMIT 1000
)
SELECT
        session, opened, coalesce(closed, 'open') AS closed, how, user, client, key,
        (SELECT count(*) FROM event WHERE event.session = s.session AND +kind = 'exec') AS commands,
        (SELECT count(*) FROM event WHERE event.session = s.session AND +kind = 'exec' AND +verdict = 'deny') AS denied
FROM session AS s
WHERE seq IN newest
ORDER BY time_us DESC, seq DESC;
