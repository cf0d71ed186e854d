//! The rules of the bundle format, one variant each: what the strict reader refuses, on which
//! entry, and what to do about it. A refused bundle is used for nothing.

/// A rule that a bundle breaks. Offsets are bytes from the start of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the sentences say what the fields are")]
pub enum Refusal {
    // ── the container ──────────────────────────────────────────────────────────────────────────
    #[error(
        "it has {bytes} bytes, too few for a ZIP archive; it is cut short or no bundle: ask for it again"
    )]
    TooShort { bytes: u64 },
    #[error("it does not end in a ZIP end record; it is cut short or no bundle: ask for it again")]
    NoEndRecord,
    #[error(
        "{bytes} bytes follow the end of the archive (a comment or something appended); a bundle ends there: ask for it again"
    )]
    TrailingBytes { bytes: u64 },
    #[error(
        "it is one disk of several (disk {disk}); a bundle is one file: ask for a bundle made by Vaultmark"
    )]
    MultiDisk { disk: u32 },
    #[error(
        "its ZIP64 end record is missing, misplaced or not needed; the archive is damaged or was altered: ask for it again"
    )]
    Zip64EndRecord,
    #[error(
        "its end record gives {field} as {found} where {expected} is true; the archive is damaged or was altered: ask for it again"
    )]
    EndRecord { field: &'static str, found: u64, expected: u64 },
    #[error(
        "its directory of {bytes} bytes does not lie inside the file; the archive is cut short or was altered: ask for it again"
    )]
    DirectoryOutside { bytes: u64 },
    #[error(
        "directory record {index} is no such record; the archive is damaged or was altered: ask for it again"
    )]
    DirectoryRecord { index: u64 },
    #[error(
        "it has {found} entries, at most {limit} are accepted; raise the limit or ask for smaller volumes"
    )]
    TooManyEntries { found: u64, limit: u64 },
    #[error(
        "its directory has {found} bytes, at most {limit} are accepted; ask for smaller volumes"
    )]
    DirectoryTooLarge { found: u64, limit: u64 },
    #[error("it has more than {limit} folders; ask for a bundle made by Vaultmark")]
    TooManyFolders { limit: usize },
    #[error(
        "it has {found} bytes, at most {limit} are accepted; raise the limit or ask for smaller volumes"
    )]
    TooLarge { found: u64, limit: u64 },
    #[error(
        "no file header stands at byte {offset}, where `{entry}` should begin; the archive is damaged or was altered: ask for it again"
    )]
    LocalHeader { entry: String, offset: u64 },
    #[error(
        "`{entry}` has another {field} in its own header than in the directory; the archive was altered: ask for it again"
    )]
    LocalMismatch { entry: String, field: &'static str },
    #[error(
        "`{entry}` begins at byte {found} where {expected} is due: bytes lie hidden between entries or entries overlap; ask for it again"
    )]
    Gap { entry: String, expected: u64, found: u64 },
    #[error(
        "`{entry}` claims {size} bytes, which do not fit in the file; the archive is cut short or was altered: ask for it again"
    )]
    EntryOutside { entry: String, size: u64 },
    #[error(
        "`{entry}` is compressed (method {method}); entries of a bundle are stored: ask for a bundle made by Vaultmark"
    )]
    Compressed { entry: String, method: u16 },
    #[error(
        "`{entry}` is encrypted inside the archive; a bundle is sealed as a whole or not at all: ask for a bundle made by Vaultmark"
    )]
    Encrypted { entry: String },
    #[error(
        "`{entry}` has flags {flags:#06x}; only the UTF-8 flag is allowed, where the name needs it: ask for a bundle made by Vaultmark"
    )]
    Flags { entry: String, flags: u16 },
    #[error(
        "`{entry}` is stored, yet claims {stored} bytes stored and {size} bytes of content; the archive was altered: ask for it again"
    )]
    StoredSize { entry: String, stored: u64, size: u64 },
    #[error(
        "`{entry}` has an extra field that a bundle does not have; ask for a bundle made by Vaultmark"
    )]
    ExtraField { entry: String },
    #[error(
        "`{entry}` has a comment; entries of a bundle have none: ask for a bundle made by Vaultmark"
    )]
    EntryComment { entry: String },
    #[error(
        "`{entry}` has the version, time or attributes of another writer ({field}); ask for a bundle made by Vaultmark"
    )]
    Foreign { entry: String, field: &'static str },
    #[error(
        "`{entry}` is no regular file (mode {mode:o}); links and devices are never accepted: ask for a bundle made by Vaultmark"
    )]
    NotAFile { entry: String, mode: u32 },
    #[error("`{entry}` stands twice in the archive; ask for it again")]
    Duplicate { entry: String },
    #[error(
        "`{entry}` stands after `{previous}`; entries of a bundle are sorted: ask for a bundle made by Vaultmark"
    )]
    Unsorted { entry: String, previous: String },
    #[error("`{entry}` does not match its CRC-32; it is damaged or was altered: ask for it again")]
    Crc { entry: String },

    // ── names ──────────────────────────────────────────────────────────────────────────────────
    #[error("a name is not UTF-8 (`{entry}`); ask for a bundle made by Vaultmark")]
    NameEncoding { entry: String },
    #[error("`{entry}` is an absolute path; it could write outside its folder: do not unpack it")]
    NameAbsolute { entry: String },
    #[error(
        "`{entry}` climbs with `.` or `..`; it could write outside its folder: do not unpack it"
    )]
    NameClimbs { entry: String },
    #[error(
        "`{entry}` holds a backslash, which is a folder's separator elsewhere: do not unpack it"
    )]
    NameBackslash { entry: String },
    #[error("`{entry}` is a folder; a bundle has files only: ask for a bundle made by Vaultmark")]
    NameFolder { entry: String },
    #[error("`{entry}` has an empty name or part; ask for a bundle made by Vaultmark")]
    NameEmpty { entry: String },
    #[error(
        "`{entry}` holds the character {character:?}, which is not safe on every system; ask for it to be renamed"
    )]
    NameCharacter { entry: String, character: char },
    #[error(
        "`{entry}` has a part that begins or ends with a dot, space or dash; ask for it to be renamed"
    )]
    NameEdge { entry: String },
    #[error("`{entry}` is the name of a device on some systems; ask for it to be renamed")]
    NameDevice { entry: String },
    #[error(
        "`{entry}` is not in Unicode's composed form (NFC), so two names could look alike; ask for it to be renamed"
    )]
    NameNotNfc { entry: String },
    #[error("`{entry}` is longer than {limit} bytes; ask for it to be renamed")]
    NameLength { entry: String, limit: usize },
    #[error("`{entry}` lies more than {limit} folders deep; ask for it to be moved")]
    NameDepth { entry: String, limit: usize },
    #[error(
        "`{entry}` and `{other}` are one file where case does not count, or a file and a folder of one name; ask for one to be renamed"
    )]
    NameCollision { entry: String, other: String },

    // ── the bag ────────────────────────────────────────────────────────────────────────────────
    #[error("`{entry}` is missing; the bundle is incomplete: ask for it again")]
    Missing { entry: String },
    #[error("`{entry}` is no part of a bundle's frame; ask for a bundle made by Vaultmark")]
    UnexpectedFile { entry: String },
    #[error(
        "`{entry}` fetches content from elsewhere; a bundle is complete in itself: ask for a bundle made by Vaultmark"
    )]
    Fetch { entry: String },
    #[error(
        "`{entry}` is a manifest of another algorithm; only SHA-512 is accepted: ask for a bundle made by Vaultmark"
    )]
    OtherManifest { entry: String },
    #[error(
        "`{entry}` has {found} bytes, at most {limit} are accepted; ask for a bundle made by Vaultmark"
    )]
    TagTooLarge { entry: String, found: u64, limit: u64 },
    #[error(
        "`bagit.txt` does not declare BagIt 1.0 in UTF-8, byte for byte; ask for a bundle made by Vaultmark"
    )]
    Declaration,
    #[error(
        "`{entry}` line {line}: {why}; it is damaged or made by another program: ask for it again"
    )]
    ManifestLine { entry: String, line: u64, why: &'static str },
    #[error(
        "`{manifest}` lists `{entry}`, which is not there; the bundle is incomplete: ask for it again"
    )]
    ListedMissing { manifest: String, entry: String },
    #[error("`{entry}` is not listed in `{manifest}`; it was put in later: do not use it")]
    NotListed { manifest: String, entry: String },
    #[error("`{manifest}` lists `{entry}` twice; ask for it again")]
    ListedTwice { manifest: String, entry: String },
    #[error(
        "`{entry}` does not have the SHA-512 that `{manifest}` states; it is damaged or was altered: do not use it, ask for it again"
    )]
    Digest { manifest: String, entry: String },
    #[error(
        "`bag-info.txt` line {line}: {why}; it is damaged or made by another program: ask for it again"
    )]
    InfoLine { line: u64, why: String },
    #[error("`bag-info.txt` has no {field}; ask for a bundle made by Vaultmark")]
    InfoMissing { field: &'static str },
    #[error(
        "`bag-info.txt` is of profile {found}, this version knows {known}; open it with a newer version"
    )]
    InfoProfile { found: String, known: u32 },
    #[error(
        "`bag-info.txt` states a payload of {stated}, but it is {found}; the bundle was altered: do not use it"
    )]
    PayloadOxum { stated: String, found: String },

    // ── signatures ─────────────────────────────────────────────────────────────────────────────
    #[error(
        "the {role}'s signature can't be read ({why}); it is damaged or of another kind: ask for the bundle again"
    )]
    SignatureForm { role: &'static str, why: String },
    #[error("the {role}'s signature is not valid for this bundle ({why}); do not use it")]
    SignatureInvalid { role: &'static str, why: String },
    #[error(
        "its policy asks for two people, but no approver signed; do not use it, ask the sender for an approved bundle"
    )]
    ApproverMissing,
    #[error(
        "creator and approver signed with one key; a second person must approve: do not use it"
    )]
    SameSigner,

    // ── provenance ─────────────────────────────────────────────────────────────────────────────
    #[error(
        "`{file}` record {record}: {why}; the history is damaged or was altered: do not use it, ask for the bundle again"
    )]
    Provenance { file: &'static str, record: u64, why: String },
    #[error("`{file}` record {record} is cut short; ask for the bundle again")]
    ProvenanceCut { file: &'static str, record: u64 },
    #[error(
        "`{file}` record {record} has a part of {found} bytes, at most {limit} are accepted; ask for the bundle again"
    )]
    ProvenanceTooLarge { file: &'static str, record: u64, found: u64, limit: u64 },
    #[error(
        "`{file}`, {place}: {why}; it is not what the signed changes say: do not use it, ask the sender for a new bundle"
    )]
    Untraced { file: String, place: String, why: String },
    #[error(
        "its creator's key does not hold the role of exporter in the project by `data/provenance/members.cborseq`; do not use it, ask the sender for a bundle made by an exporter"
    )]
    NoExporter,
}
