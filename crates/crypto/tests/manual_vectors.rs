//! The vectors of the manual's page on the vault format are what this crate computes, byte for byte,
//! and a script written from that page alone agrees and opens what this crate seals.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use vaultmark_crypto::{
    CryptoError, Entropy, EvolvingMac, KdfParameters, Key, Namespace, Passphrase, SealWriter,
    SigningKey, commitment, derive_key, expand, keyed_name, open_record, padme, seal_record,
    sha512,
};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::id::to_hex;

type Vectors = BTreeMap<String, Vec<u8>>;

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

const PAGE: &str = "docs-offline/vault-format.md";
const DATA: &str = "tests/python/vectors/vault.json";
const SCRIPT: &str = "tests/python/vault_blob.py";

fn from_hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "{digits}");
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn page() -> Vectors {
    let text = std::fs::read_to_string(file(PAGE)).unwrap();
    let block = text.split("```vectors\n").nth(1).unwrap().split("```").next().unwrap();
    let lines = block.lines().map(|line| line.split_once(" = ").unwrap());
    lines.map(|(name, digits)| (name.to_owned(), from_hex(digits))).collect()
}

fn data() -> Vectors {
    let text = std::fs::read_to_string(file(DATA)).unwrap();
    let texts: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    texts.into_iter().map(|(name, digits)| (name, from_hex(&digits))).collect()
}

/// "Randomness" that is given: a salt of the page.
struct Given(Vec<u8>);

impl Entropy for Given {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

fn sealed(key: &Key, context: &[u8], plain: &[u8], salt: &[u8]) -> Vec<u8> {
    let padding = padme(plain.len() as u64) - plain.len() as u64;
    let salt = Given(salt.to_vec());
    let mut writer = SealWriter::new(Vec::new(), key, context, &salt).unwrap();
    writer.write_all(plain).unwrap();
    writer.write_all(&vec![0; usize::try_from(padding).unwrap()]).unwrap();
    writer.finish().unwrap()
}

/// Every line that this crate computes from others.
fn computed(v: &Vectors) -> Vectors {
    let bytes = |name: &str| v[name].clone();
    let key = |name: &str| Key::from_slice(&v[name]).unwrap();
    let salt32 = |name: &str| <[u8; 32]>::try_from(&v[name][..]).unwrap();
    let mut out = Vectors::new();
    let mut put = |name: &str, value: &[u8]| {
        assert!(out.insert(name.into(), value.to_vec()).is_none(), "{name} twice");
    };

    // Whoever reads a login from a person brings it into this form.
    assert_eq!(bytes("login"), " Ada Love\u{301}lace ".as_bytes());
    let name = keyed_name(&salt32("header-salt"), "ada lov\u{e9}lace");
    put("slot-name", name.as_bytes());
    let passphrase = Passphrase::new(String::from_utf8(bytes("passphrase")).unwrap());
    let argon2id = KdfParameters::Argon2id { memory_kib: 64, passes: 1, lanes: 1 };
    let pbkdf2 = KdfParameters::Pbkdf2HmacSha512 { rounds: 1000 };
    put("kdf-argon2id", &argon2id.to_bytes());
    put("kdf-pbkdf2", &pbkdf2.to_bytes());
    let kek = derive_key(&passphrase, &salt32("slot-salt"), &argon2id).unwrap();
    put("kek-argon2id", kek.expose());
    put("kek-pbkdf2", derive_key(&passphrase, &salt32("slot-salt"), &pbkdf2).unwrap().expose());

    let context =
        [&v["vault"][..], name.as_bytes(), &argon2id.to_bytes(), &v["slot-salt"]].concat();
    put("record-context", &context);
    let given = Given(bytes("record-salt"));
    let record = seal_record(&kek, "vault/slot", &context, &v["record-plain"], &given).unwrap();
    put("record", &record);
    let opened = open_record(&kek, "vault/slot", &context, &record).unwrap();
    assert_eq!(opened[..], v["record-plain"][..]);

    for (name, from, label, context) in [
        ("directory-key", "vault-key", "vault/directory", "vault"),
        ("state-key", "header-salt", "audit/state", "vault"),
        ("database-key", "project-key", "vaultmark/project/database/v1", "project"),
        ("manifest-key", "project-key", "vaultmark/project/manifest/v1", "project"),
    ] {
        put(name, expand(&key(from), label, &v[context]).unwrap().expose());
    }
    let first_epoch = [&v["project"][..], &1_u32.to_be_bytes()].concat();
    let derived = expand(&key("project-key"), "project/fingerprint", &first_epoch).unwrap();
    put("fingerprint", sha512(derived.expose()).as_bytes());

    let signer = SigningKey::from_seed(key("seed")).unwrap();
    put("public", signer.public().bytes());
    put("signature", signer.sign(Namespace::Policy, &v["message"]).bytes());

    for length in [9, 100, 1000, 20_000] {
        put(&format!("padme-{length}"), &padme(length).to_be_bytes());
    }
    let context = [&v["project"][..], &v["blob"], &[1]].concat();
    put("blob-context", &context);
    let blob_key = key("blob-key");
    put("blob-file", &sealed(&blob_key, &context, &v["blob-plain"], &v["blob-salt"]));
    let large = sealed(&blob_key, &context, &large(), &v["blob-salt"]);
    put("large-sha512", sha512(&large).as_bytes());

    let mut root = commitment::Root::new();
    for i in 0..3 {
        let salt = <[u8; 16]>::try_from(&v[&format!("salt{i}")][..]).unwrap();
        let leaf = commitment::leaf(&salt, &v[&format!("field{i}")]);
        put(&format!("leaf{i}"), leaf.as_bytes());
        root.push(leaf);
    }
    put("root", root.finish().as_bytes());

    let mut mac = EvolvingMac::new(key("mac-key0"));
    for i in 0..2 {
        put(&format!("mac{i}"), &mac.tag(&v[&format!("entry{i}")]).unwrap());
        put(&format!("mac-key{}", i + 1), mac.key().expose());
    }
    out
}

fn large() -> Vec<u8> {
    (0..=250).cycle().take(20_000).collect()
}

/// What nothing else of the page gives.
const GIVEN: &[&str] = &[
    "vault",
    "project",
    "blob",
    "header-salt",
    "login",
    "passphrase",
    "slot-salt",
    "record-salt",
    "record-plain",
    "vault-key",
    "project-key",
    "seed",
    "message",
    "blob-key",
    "blob-salt",
    "blob-plain",
    "salt0",
    "field0",
    "salt1",
    "field1",
    "salt2",
    "field2",
    "mac-key0",
    "entry0",
    "entry1",
    "entry-digest",
];
/// What the store computes, and its own test checks.
const STORE: &str = "short-code";

#[test]
fn the_manuals_vectors_are_what_this_crate_computes() {
    let page = page();
    assert!(page == data(), "{PAGE} and {DATA} differ");
    let computed = computed(&page);
    for (name, value) in &computed {
        let shown = page.get(name).map(|value| to_hex(value));
        assert_eq!(shown, Some(to_hex(value)), "{name}");
    }
    let names: BTreeSet<&str> = page.keys().map(String::as_str).collect();
    let known = computed.keys().map(String::as_str).chain(GIVEN.iter().copied()).chain([STORE]);
    assert_eq!(names, known.collect(), "a line that nobody checks");
}

/// The tests' own Python, or a line that says what is missing.
fn python(arguments: &[&str]) -> Option<Result<String, String>> {
    let interpreter = std::env::var_os("VAULTMARK_TEST_PYTHON").unwrap_or("python3".into());
    let import = "from cryptography.hazmat.primitives.kdf.argon2 import Argon2id";
    let has = Command::new(&interpreter).args(["-c", import]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no Python with the package `cryptography`");
        return None;
    }
    let output = Command::new(interpreter).arg(file(SCRIPT)).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Some(if output.status.success() { Ok(said) } else { Err(said) })
}

#[test]
fn a_script_written_from_the_manual_recomputes_them() {
    for path in [PAGE, DATA] {
        let Some(said) = python(&["--vectors", file(path).to_str().unwrap()]) else { return };
        assert!(said.unwrap().contains("they agree"));
    }
}

#[test]
fn a_script_written_from_the_manual_opens_what_we_seal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blob");
    let (key, project, blob) = ([7; 32], [8; 16], [9; 16]);
    let context = [&project[..], &blob, &[1]].concat();
    for length in [0, 1, 100, 16_383, 16_384, 20_000, 65_536] {
        let plain: Vec<u8> = large().into_iter().cycle().take(length).collect();
        let good = sealed(&Key::from_slice(&key).unwrap(), &context, &plain, &[3; 24]);
        let open = |project: &[u8], length: usize| {
            let (project, length) = (to_hex(project), length.to_string());
            let path = path.to_str().unwrap();
            python(&[path, &to_hex(&key), &project, &to_hex(&blob), &length])
        };
        std::fs::write(&path, &good).unwrap();
        let Some(said) = open(&project, length) else { return };
        assert_eq!(said.unwrap().trim(), sha512(&plain).to_hex());
        if length != 20_000 {
            continue;
        }
        let refused = |said: Option<Result<String, String>>, why: &str| {
            let said = said.unwrap().expect_err("refused");
            assert!(said.starts_with("refused: ") && said.contains(why), "{said}");
        };
        refused(open(&[6; 16], length), "project or blob is another");
        refused(open(&project, length + 5000), "no such file");
        for at in [0, 30, 60, 17_000, good.len() - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            refused(open(&project, length), "was altered");
        }
        std::fs::write(&path, &good[..56 + 16_400]).unwrap();
        refused(open(&project, length), "no such file");
    }
}
