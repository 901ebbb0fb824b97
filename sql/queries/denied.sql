-- Denied attempts, newest first: who asked for what, and why it was refused.
--
--     sqlite3 -readonly -box /var/lib/pam_diag/audit.db '.read denied.sql'
--
-- Lines and reasons are JSON text: an escape sequence in them is shown, not obeyed. Add a bound on time_us
-- (microseconds since 1970) to look at one day.
SELECT time, user, client, key, line, code, rule, reason
FROM command
WHERE seq IN (SELECT seq FROM event WHERE verdict = 'deny' AND +kind = 'exec' ORDER BY time DESC LIMIT 1000)
ORDER BY time_us DESC, seq DESC;
