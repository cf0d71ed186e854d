-- Version 1 of a project's database. Frozen once released: later versions are files of their own.

-- What the project is: one row for each fact.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Copies of the project whose chains are here.
CREATE TABLE replica (
    row INTEGER PRIMARY KEY,
    id  BLOB NOT NULL UNIQUE
) STRICT;

-- Signing keys of authors, in canonical form.
CREATE TABLE author (
    row INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE
) STRICT;

-- The chain. `header` and `signature` are what was signed; the other columns repeat what queries
-- need. Leaf i of a change is revision row `first` + i.
CREATE TABLE change (
    row       INTEGER PRIMARY KEY,
    id        BLOB    NOT NULL UNIQUE,
    replica   INTEGER NOT NULL REFERENCES replica (row),
    seq       INTEGER NOT NULL,
    author    INTEGER NOT NULL REFERENCES author (row),
    intent    INTEGER NOT NULL,                           -- 0 edit, 1 undo, 2 redo, 3 batch, 4 merge
    reverses  INTEGER REFERENCES change (row),            -- undo and redo: what they take back
    prior     INTEGER REFERENCES change (row),            -- the same author's change before, on this replica
    time      INTEGER NOT NULL,
    gesture   TEXT    NOT NULL,
    first     INTEGER NOT NULL,
    leaves    INTEGER NOT NULL,
    header    BLOB    NOT NULL,
    signature BLOB    NOT NULL,
    UNIQUE (replica, seq)
) STRICT;

-- The payload, stored once: one row for each leaf. A withheld or erased leaf has its digest instead
-- of salt and value. No foreign key to `change`: its row is written last, when the root is known; `check` verifies the reference.
CREATE TABLE revision (
    row     INTEGER PRIMARY KEY,
    change  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,                             -- 0 item, 1 annotation, 2 label
    subject BLOB    NOT NULL,                             -- its identifier
    part    INTEGER NOT NULL,
    base    BLOB,                                         -- canonical revision identifier
    origin  INTEGER,                                      -- undo and redo: the revision restored; 0 for none
    salt    BLOB,
    value   BLOB,                                         -- canonical value
    digest  BLOB
) STRICT;

-- Wholes (part 0) are not in it: an import of half a million annotations adds nothing here. The
-- row of a whole is the row or number of its subject below.
CREATE INDEX revision_part ON revision (subject, part) WHERE part > 0;

-- The present state, derived from the chain. The row of an item is the revision row of its whole.
CREATE TABLE item (
    row         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,
    present     INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    path        BLOB    NOT NULL,
    name        BLOB    NOT NULL,                         -- last part of the path
    folder      TEXT    NOT NULL,
    search      TEXT    NOT NULL,                         -- the path in lower case
    content     BLOB    NOT NULL,
    size        INTEGER NOT NULL,
    flagged     INTEGER NOT NULL DEFAULT 0,
    done        INTEGER NOT NULL DEFAULT 0,
    note        INTEGER,                                  -- revision that holds it
    annotations INTEGER NOT NULL DEFAULT 0                -- present ones
) STRICT;
CREATE INDEX item_path ON item (path, number) WHERE present = 1;
CREATE INDEX item_search ON item (search) WHERE present = 1;
CREATE INDEX item_name ON item (name) WHERE present = 1;
CREATE INDEX item_folder ON item (folder) WHERE present = 1;
CREATE INDEX item_content ON item (content) WHERE present = 1;
CREATE INDEX item_number ON item (number);
CREATE INDEX item_size ON item (size, number) WHERE present = 1;
CREATE INDEX item_facts ON item (annotations, number, done, flagged, size) WHERE present = 1;

CREATE TABLE label (
    row         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,
    present     INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    color       BLOB    NOT NULL,
    key         INTEGER,
    annotations INTEGER NOT NULL DEFAULT 0                -- present ones
) STRICT;

-- Clustered by item, so that an item's annotations lie side by side and an export is one scan. The
-- number is the revision row of the whole: given once, never reused.
CREATE TABLE annotation (
    item    INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    id      BLOB    NOT NULL,
    present INTEGER NOT NULL,
    label   INTEGER,
    z_order INTEGER NOT NULL,
    flags   INTEGER NOT NULL,                             -- 1 flagged, 2 occluded, 4 truncated, 8 locked, 16 hidden
    note    INTEGER,                                      -- revision that holds it
    shape   BLOB,                                         -- null once erased
    source  BLOB,
    PRIMARY KEY (item, number)
) STRICT, WITHOUT ROWID;
-- Annotations by identifier. A table of its own, because a batch writes it sorted, at the end.
CREATE TABLE annotation_key (
    id     BLOB PRIMARY KEY,
    item   INTEGER NOT NULL,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Present annotations by label and item: the filter by label, and what is in use.
CREATE TABLE item_label (
    label       INTEGER NOT NULL,
    item        INTEGER NOT NULL,
    annotations INTEGER NOT NULL,
    PRIMARY KEY (label, item)
) STRICT, WITHOUT ROWID;

-- Sealed files. The key opens this blob alone; `name` is its random file name; `length` its bytes
-- before padding; `sealed` the file's.
CREATE TABLE blob (
    row     INTEGER PRIMARY KEY,
    id      BLOB    NOT NULL UNIQUE,
    key     BLOB    NOT NULL,
    name    TEXT    NOT NULL UNIQUE,
    length  INTEGER NOT NULL,
    sealed  INTEGER NOT NULL,
    checked INTEGER                                       -- when all of it was last authenticated
) STRICT;
CREATE TABLE media (
    item BLOB PRIMARY KEY,
    blob INTEGER NOT NULL REFERENCES blob (row)
) STRICT, WITHOUT ROWID;
-- Pyramids: derived, may be evicted.
CREATE TABLE pack (
    item BLOB PRIMARY KEY,
    blob INTEGER NOT NULL REFERENCES blob (row),
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE thumbnail (
    item  BLOB PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
-- Media of an import that is not finished: sealed and durable, not yet part of the project.
CREATE TABLE staged (
    row  INTEGER PRIMARY KEY,
    item BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL
) STRICT;

-- How a person left the screens. Not part of the history.
CREATE TABLE setting (
    person BLOB NOT NULL,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (person, name)
) STRICT, WITHOUT ROWID;

-- Membership: this vault's own list, and the ones that came with the project.
CREATE TABLE statement (
    received  INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    bytes     BLOB    NOT NULL,
    signature BLOB    NOT NULL,
    PRIMARY KEY (received, seq)
) STRICT, WITHOUT ROWID;
