-- A catalogue as format 1 wrote it. Never edited: it stands for the files that people have.
PRAGMA application_id = 1129796401;
PRAGMA user_version = 1;
CREATE TABLE paintings (
        id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, title TEXT NOT NULL, artist TEXT NOT NULL,
        accession TEXT NOT NULL, height_mm REAL, width_mm REAL, note TEXT NOT NULL, created TEXT NOT NULL
    );
CREATE TABLE scans (
        id INTEGER PRIMARY KEY, painting_id INTEGER REFERENCES paintings(id), path TEXT NOT NULL,
        page INTEGER NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, kind TEXT NOT NULL,
        pixels_per_mm REAL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL, UNIQUE (sha256, page)
    );
CREATE TABLE layers (
        id INTEGER PRIMARY KEY, painting_id INTEGER NOT NULL REFERENCES paintings(id),
        scan_id INTEGER NOT NULL REFERENCES scans(id), name TEXT NOT NULL, transform TEXT NOT NULL,
        visible INTEGER NOT NULL, opacity REAL NOT NULL, "order" INTEGER NOT NULL,
        cursor INTEGER REFERENCES steps(id), tip INTEGER REFERENCES steps(id)
    );
CREATE TABLE steps (
        id INTEGER PRIMARY KEY, layer_id INTEGER NOT NULL REFERENCES layers(id),
        parent_id INTEGER REFERENCES steps(id), operation TEXT NOT NULL, version INTEGER NOT NULL,
        parameters TEXT NOT NULL, mask_sha256 TEXT, created TEXT NOT NULL, author TEXT NOT NULL
    );
CREATE TABLE records (
        id INTEGER PRIMARY KEY, layer_id INTEGER NOT NULL REFERENCES layers(id),
        step_id INTEGER REFERENCES steps(id), record TEXT NOT NULL, sha256 TEXT NOT NULL,
        input_sha256 TEXT, output_sha256 TEXT, created TEXT NOT NULL
    );
CREATE TABLE exports (
        id INTEGER PRIMARY KEY, layer_id INTEGER REFERENCES layers(id), path TEXT NOT NULL,
        kind TEXT NOT NULL, sha256 TEXT NOT NULL, credential_path TEXT, created TEXT NOT NULL
    );
CREATE INDEX scans_of_painting ON scans (painting_id);
CREATE INDEX layers_of_painting ON layers (painting_id);
CREATE INDEX layers_of_scan ON layers (scan_id);
CREATE INDEX steps_of_layer ON steps (layer_id);
CREATE INDEX steps_of_parent ON steps (parent_id);
CREATE INDEX records_of_layer ON records (layer_id);
CREATE INDEX records_by_output ON records (output_sha256);
CREATE INDEX exports_of_layer ON exports (layer_id);
CREATE INDEX exports_by_hash ON exports (sha256);
CREATE VIRTUAL TABLE words USING fts5
        (painting UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE TRIGGER steps_stay BEFORE UPDATE ON steps
        BEGIN SELECT raise(ABORT, 'the history is append-only'); END;
CREATE TRIGGER steps_remain BEFORE DELETE ON steps
        BEGIN SELECT raise(ABORT, 'the history is append-only'); END;
CREATE TRIGGER paintings_found AFTER INSERT ON paintings BEGIN INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 0, new.id, new.title || ' ' || new.artist || ' ' || new.accession || ' ' || new.note; END;
CREATE TRIGGER paintings_refound AFTER UPDATE ON paintings BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 0; INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 0, new.id, new.title || ' ' || new.artist || ' ' || new.accession || ' ' || new.note; END;
CREATE TRIGGER paintings_lost AFTER DELETE ON paintings BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 0; END;
CREATE TRIGGER scans_found AFTER INSERT ON scans BEGIN INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 1, new.painting_id, new.path || ' ' || new.kind || ' ' || new.sha256; END;
CREATE TRIGGER scans_refound AFTER UPDATE ON scans BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 1; INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 1, new.painting_id, new.path || ' ' || new.kind || ' ' || new.sha256; END;
CREATE TRIGGER scans_lost AFTER DELETE ON scans BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 1; END;
CREATE TRIGGER layers_found AFTER INSERT ON layers BEGIN INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 2, new.painting_id, new.name; END;
CREATE TRIGGER layers_refound AFTER UPDATE ON layers BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 2; INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 2, new.painting_id, new.name; END;
CREATE TRIGGER layers_lost AFTER DELETE ON layers BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 2; END;
CREATE TRIGGER steps_found AFTER INSERT ON steps BEGIN INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 3, (SELECT painting_id FROM layers WHERE id = new.layer_id), new.operation || ' ' || new.parameters || ' ' || new.author; END;
CREATE TRIGGER steps_refound AFTER UPDATE ON steps BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 3; INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 3, (SELECT painting_id FROM layers WHERE id = new.layer_id), new.operation || ' ' || new.parameters || ' ' || new.author; END;
CREATE TRIGGER steps_lost AFTER DELETE ON steps BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 3; END;
CREATE TRIGGER records_found AFTER INSERT ON records BEGIN INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 4, (SELECT painting_id FROM layers WHERE id = new.layer_id), new.record; END;
CREATE TRIGGER records_refound AFTER UPDATE ON records BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 4; INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 4, (SELECT painting_id FROM layers WHERE id = new.layer_id), new.record; END;
CREATE TRIGGER records_lost AFTER DELETE ON records BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 4; END;
CREATE TRIGGER exports_found AFTER INSERT ON exports BEGIN INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 5, (SELECT painting_id FROM layers WHERE id = new.layer_id), new.path || ' ' || new.kind || ' ' || new.sha256; END;
CREATE TRIGGER exports_refound AFTER UPDATE ON exports BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 5; INSERT INTO words (rowid, painting, text) SELECT new.id * 8 + 5, (SELECT painting_id FROM layers WHERE id = new.layer_id), new.path || ' ' || new.kind || ' ' || new.sha256; END;
CREATE TRIGGER exports_lost AFTER DELETE ON exports BEGIN DELETE FROM words WHERE rowid = old.id * 8 + 5; END;
INSERT INTO paintings VALUES (1, '00000000000000000000000000000001', 'View of Delft', 'Johannes Vermeer', '92', 965.0, 1157.0, 'lined', '2026-03-01T09:00:00.000000+00:00');
INSERT INTO scans VALUES (1, 1, '/scans/delft_VIS.tif', 0, 'abababababababababababababababababababababababababababababababab', 123456, 'VIS', 20.0, 23140, 19300);
INSERT INTO layers VALUES (1, 1, 1, 'VIS', '[0.05, 0.0, 0.0, 0.0, 0.05, 0.0, 0.0, 0.0, 1.0]', 1, 1.0, 0, NULL, NULL);
INSERT INTO steps VALUES (1, 1, NULL, 'suppress-noise', 1, '{"strength":0.5}', NULL, '2026-03-01T09:00:00.000000+00:00', 'A. Jansen');
INSERT INTO steps VALUES (2, 1, NULL, 'fill-losses', 1, '{"max_gap":8}', NULL, '2026-03-01T09:00:00.000000+00:00', 'A. Jansen');
UPDATE layers SET cursor = 2, tip = 2 WHERE id = 1;
INSERT INTO records VALUES (1, 1, 2, '{"operation":"fill-losses"}', 'abababababababababababababababababababababababababababababababab', NULL, NULL, '2026-03-01T09:00:00.000000+00:00');
INSERT INTO exports VALUES (1, 1, '/out/delft.tif', 'restored', 'abababababababababababababababababababababababababababababababab', NULL, '2026-03-01T09:00:00.000000+00:00');
