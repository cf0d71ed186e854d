-- Version 1 of the vault directory. Frozen.

-- Membership of the vault: the canonical bytes of each statement and its signature.
CREATE TABLE statement (
    seq       INTEGER PRIMARY KEY,
    bytes     BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- Officers' decisions: policy and trusted signers.
CREATE TABLE decision (
    seq       INTEGER PRIMARY KEY,
    bytes     BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- Opaque ids of the projects.
CREATE TABLE project (
    id BLOB PRIMARY KEY CHECK (length(id) = 16)
) STRICT, WITHOUT ROWID;

-- Project keys, wrapped for one recipient and epoch each.
CREATE TABLE wrap (
    project   BLOB NOT NULL REFERENCES project,
    epoch     INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    bytes     BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (project, epoch, recipient)
) STRICT, WITHOUT ROWID;

-- How often each slot has been written, so that an old one is noticed when it is put back.
CREATE TABLE slot (
    name       TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
