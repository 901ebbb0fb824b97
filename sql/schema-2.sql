-- Version 2: records that can be trusted. Applied to a database of version 1, whose rows keep every byte.
--
-- `mac` is HMAC-SHA256 over the row's hash, by a key that moves with every row and is kept outside of the database (key.h); NULL in
-- rows that were written before there was a key. The column has no CHECK: SQLite would read every row to add it.
--
-- `anchor` is the row before the first one that is still here: the chain starts from its hash. Before anything was pruned that is
-- row 0, whose hash is 32 zero bytes.
--
-- How rows may go (diagctl prune), for every program alike: the last row is a prune row that names a row, its hash and its mac; then
-- the anchor can be moved to exactly that row; and then the rows up to the anchor can be deleted. So nothing is removed without
-- a row in the chain that says what was removed, and whoever wants to remove more has to say more.
--
-- Functions in here are those that SQLite counts as harmless in a schema, also when trusted_schema is off: no JSON.

ALTER TABLE event ADD COLUMN mac BLOB;

CREATE TABLE anchor (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        seq INTEGER NOT NULL CHECK (seq >= 0),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        mac BLOB CHECK (mac IS NULL OR length(mac) = 32)
) STRICT;

INSERT INTO anchor (id, seq, hash) VALUES (1, 0, zeroblob(32));

-- A program of an older version, or one that cannot find the key, must not go on without.
CREATE TRIGGER event_mac AFTER INSERT ON event
WHEN coalesce(length(NEW.mac) <> 32, (SELECT mac IS NOT NULL FROM event WHERE seq = NEW.seq - 1), 0)
BEGIN
        SELECT RAISE(ABORT, 'audit rows have a mac once there is a key');
END;

DROP TRIGGER event_no_delete;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
WHEN OLD.seq > (SELECT seq FROM anchor)
BEGIN
        SELECT RAISE(ABORT, 'audit rows are never deleted');
END;

CREATE TRIGGER anchor_moves BEFORE UPDATE ON anchor
WHEN NOT coalesce(
        NEW.id = OLD.id AND NEW.seq > OLD.seq
        AND EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND hash = NEW.hash AND mac IS NEW.mac)
        AND EXISTS (SELECT 1 FROM (SELECT seq, kind, rec FROM event ORDER BY seq DESC LIMIT 1)
                WHERE kind = 'prune'
                AND instr(rec, ',"anchor":' || NEW.seq || ',"anchor_hash":"' || lower(hex(NEW.hash)) || '","anchor_mac":'
                        || iif(NEW.mac IS NULL, 'null', '"' || lower(hex(NEW.mac)) || '"') || ',') > 0), 0)
BEGIN
        SELECT RAISE(ABORT, 'the anchor moves to what the last row, a prune row, names');
END;

CREATE TRIGGER anchor_no_delete BEFORE DELETE ON anchor
BEGIN
        SELECT RAISE(ABORT, 'the anchor is never deleted');
END;

CREATE TRIGGER anchor_no_insert BEFORE INSERT ON anchor
BEGIN
        SELECT RAISE(ABORT, 'there is one anchor');
END;

PRAGMA user_version = 2;
