-- The audit database, version 1; schema-2.sql goes on from here.
--
-- One append-only table. `rec` is one JSON object (see rec.h), `hash` is SHA3-256(hash of the row before || rec); before
-- the first row stand 32 zero bytes. The columns after them are computed from `rec`, so that what is queried cannot drift
-- from what is hashed. They use substr() and instr() and not the JSON functions: SQLite 3.40 takes those for unsafe in a
-- schema when trusted_schema is off. Text that a session chose cannot mislead them: inside a JSON string every quotation
-- mark has a backslash before it, so `"kind":` and the like occur as keys only.
--
-- The triggers stop accidents, and every program that does not mean harm. They do not stop root: the chain and
-- the shipped copies show that.

PRAGMA application_id = 1885628769; -- "pdia"
PRAGMA user_version = 1;

CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        rec TEXT NOT NULL,
        hash BLOB NOT NULL,
        kind TEXT GENERATED ALWAYS AS (substr(rec, 16, instr(substr(rec, 16, 32), '"') - 1)) VIRTUAL,
        -- microseconds since 1970-01-01T00:00:00Z
        time INTEGER GENERATED ALWAYS AS (CAST(substr(rec, instr(rec, '"time":') + 7, 19) AS INTEGER)) VIRTUAL,
        session TEXT GENERATED ALWAYS AS (substr(rec, instr(rec, '"session":"') + 11, 32)) VIRTUAL,
        invocation INTEGER GENERATED ALWAYS AS (CASE WHEN instr(rec, '"invocation":') > 0
                THEN CAST(substr(rec, instr(rec, '"invocation":') + 13, 19) AS INTEGER) END) VIRTUAL,
        verdict TEXT GENERATED ALWAYS AS (CASE WHEN instr(rec, '"verdict":"') > 0
                THEN substr(rec, instr(rec, '"verdict":"') + 11,
                        instr(substr(rec, instr(rec, '"verdict":"') + 11, 32), '"') - 1) END) VIRTUAL,
        CHECK (substr(rec, 1, 15) = '{"v":1,"kind":"' AND substr(rec, -1) = '}'),
        CHECK (length(kind) > 0 AND time > 0 AND instr(rec, '"session":"') > 0),
        CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX event_session ON event (session, invocation);
CREATE INDEX event_time ON event (kind, time);
CREATE INDEX event_denied ON event (time) WHERE verdict = 'deny';

-- What the planner would learn by ANALYZE from a large database: a session has some hundred rows, a kind millions. Without
-- it a query for one session may be answered by reading every row of a kind.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('event', 'event_session', '10000000 100 2'),
        ('event', 'event_time', '10000000 2500000 1'),
        ('event', 'event_denied', '1000000 1');

-- BEFORE, as a REPLACE removes the old row without its DELETE trigger.
CREATE TRIGGER event_no_replace BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)
BEGIN
        SELECT RAISE(ABORT, 'audit rows are never replaced');
END;

-- AFTER, as the seq that AUTOINCREMENT gives is not known before.
CREATE TRIGGER event_no_gap AFTER INSERT ON event
WHEN NEW.seq <> 1 + coalesce((SELECT seq FROM event WHERE seq <> NEW.seq ORDER BY seq DESC LIMIT 1), 0)
BEGIN
        SELECT RAISE(ABORT, 'audit rows are numbered without gaps');
END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN
        SELECT RAISE(ABORT, 'audit rows are never changed');
END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN
        SELECT RAISE(ABORT, 'audit rows are never deleted');
END;

-- What is true of the whole database; `uuid` names it for all time.
CREATE TABLE meta (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER meta_no_replace BEFORE INSERT ON meta
WHEN EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)
BEGIN
        SELECT RAISE(ABORT, 'the name of the audit database never changes');
END;

CREATE TRIGGER meta_no_update BEFORE UPDATE ON meta
BEGIN
        SELECT RAISE(ABORT, 'the name of the audit database never changes');
END;

CREATE TRIGGER meta_no_delete BEFORE DELETE ON meta
BEGIN
        SELECT RAISE(ABORT, 'the name of the audit database never changes');
END;
