package main

const schema = `
CREATE TABLE jobs (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT NOT NULL UNIQUE,
	kind       TEXT NOT NULL,
	amount     INTEGER NOT NULL,
	state      TEXT NOT NULL DEFAULT 'waiting'
	           CHECK (state IN ('waiting', 'running', 'done', 'dead')),
	attempts   INTEGER NOT NULL DEFAULT 0,
	visible_at INTEGER NOT NULL, -- not handed out before; times are ms since 1970
	result     TEXT,
	error      TEXT,
	created_at INTEGER NOT NULL,
	schedule   TEXT,
	due_at     INTEGER
) STRICT;
CREATE INDEX visible ON jobs (visible_at, seq) WHERE state IN ('waiting', 'running');
CREATE INDEX waiting ON jobs (state) WHERE state = 'waiting';
CREATE TABLE schedules (
	id         TEXT PRIMARY KEY,
	kind       TEXT NOT NULL,
	amount     INTEGER NOT NULL,
	wanted_at  INTEGER,
	every      INTEGER,
	at         INTEGER NOT NULL,
	next_at    INTEGER,
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX next ON schedules (next_at) WHERE next_at IS NOT NULL;`
