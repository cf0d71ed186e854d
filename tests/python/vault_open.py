"""Opens a whole vault, written from docs-offline/vault-format.md (and, for Changes and membership,
docs-offline/bundle-format.md) alone.

    vault_open.py VAULT --login NAME PASSPHRASE_FILE
    vault_open.py VAULT --sheet SHEET_FILE

Checks every signature, chain and MAC, opens every medium, and prints what it found. With the recovery
sheet it reads the projects without a passphrase. Needs the PyPI package `cryptography` and nothing else.
"""

import fcntl
import hashlib
import hmac
import os
import sqlite3
import struct
import sys

from age_open import open_age, recipient
from bundle_verify import Refused as BundleRefused
from bundle_verify import Rights, check_changes, check_members, ed25519, key_of, one_item, read_members
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from vault_blob import (
    Refused, blob_context, demand, derive, expand, mac, open_blob, open_record, sha512, short_code,
    slot_name,
)

POLICY, MEMBERSHIP = b"vaultmark/policy/v1\0", b"vaultmark/membership/v1\0"
CHECKPOINT = b"vaultmark/audit-checkpoint/v1\0"


def values(data, count, what):
    """The CBOR array `data`, of that many values."""
    item = one_item(data, what)
    demand(isinstance(item, list) and len(item) == count, f"{what}: not {count} values")
    return item


def head(major, n):
    """The first bytes of a CBOR item."""
    for limit, minor, form in ((24, n, ""), (1 << 8, 24, "B"), (1 << 16, 25, "H"), (1 << 32, 26, "I")):
        if n < limit:
            return struct.pack(">B" + form, major << 5 | minor, *([n] if form else []))
    return struct.pack(">BQ", major << 5 | 27, n)


def cbor(item):
    """Deterministic CBOR of what this script writes."""
    if item is None or isinstance(item, bool):
        return b"\xf6" if item is None else bytes([0xF4 + item])
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    return head(4, len(item)) + b"".join(map(cbor, item))


# 3. vault.header ------------------------------------------------------------------------------


def read_header(folder):
    data = open(os.path.join(folder, "vault.header"), "rb").read()
    name, version, body, signature = values(data, 4, "vault.header")
    demand((name, version) == ("vaultmark-vault", 1), "another kind of vault")
    names = (
        "magic version vault created salt marking banner failures policy kdf auditors recovery "
        "wrap author"
    ).split()
    header = dict(zip(names, values(body, len(names), "header"), strict=True))
    demand((header["magic"], header["version"]) == ("header", 1), "another kind of header")
    ed25519(key_of(header["author"], "header"), POLICY + body, signature, "header")
    return header


# 4. Key slots ---------------------------------------------------------------------------------


def read_slot(folder, header, login, passphrase):
    name = slot_name(header["salt"], login)
    data = open(os.path.join(folder, "slots", name + ".slot"), "rb").read()
    demand(sha512(data[:-32])[:32] == data[-32:], "the slot is damaged")
    magic, version, kdf, salt, record = values(data[:-32], 5, "slot")
    demand((magic, version) == ("vaultmark-slot", 1), "another kind of slot")
    context = header["vault"] + name.encode() + cbor(kdf) + salt
    plain = open_record(derive(passphrase, salt, kdf), b"vault/slot", context, record)
    version, person, seed, identity, vault_key, pins = values(plain, 6, "slot's content")
    demand(version == 1, "another kind of content")
    names = ("generation", "membership", "decisions", "audit", "last", "projects")
    pins = dict(zip(names, values(pins, 6, "pins"), strict=True))
    slot = {"name": name, "person": person, "seed": seed, "identity": identity}
    return slot | {"vault_key": vault_key, "pins": pins}


# 6. Databases ---------------------------------------------------------------------------------

PAGE, RESERVED = 4096, 80


def plain_page(key, mac_key, number, page):
    begin = 16 if number == 1 else 0
    text, iv, tag = page[begin : -RESERVED], page[-80:-64], page[-64:]
    bound = text + iv + struct.pack("<I", number)
    demand(hmac.digest(mac_key, bound, "sha512") == tag, f"page {number} was altered")
    aes = Cipher(algorithms.AES256(key), modes.CBC(iv)).decryptor()
    magic = b"SQLite format 3\0" if number == 1 else b""
    return magic + aes.update(text) + aes.finalize() + bytes(RESERVED)


def from_log(path, key, mac_key):
    """The pages that the write-ahead log has newer, and how many pages the database then has."""
    try:
        log = open(path, "rb").read()
    except FileNotFoundError:
        return {}, None
    pages, open_, count = {}, {}, None
    for at in range(32, len(log) - PAGE - 23, PAGE + 24):
        number, commit = struct.unpack(">II", log[at : at + 8])
        if log[at + 8 : at + 16] != log[16:24]:
            break
        open_[number] = plain_page(key, mac_key, number, log[at + 24 : at + 24 + PAGE])
        if commit:
            pages.update(open_)
            open_, count = {}, commit
    return pages, count


def database(path, key):
    """A plain copy in memory."""
    data = open(path, "rb").read()
    salt = bytes(b ^ 0x3A for b in data[:16])
    mac_key = hashlib.pbkdf2_hmac("sha512", key, salt, 2, 32)
    newer, count = from_log(path + "-wal", key, mac_key)
    plain = bytearray()
    for number in range(1, (count or len(data) // PAGE) + 1):
        page = data[(number - 1) * PAGE : number * PAGE]
        plain += newer[number] if number in newer else plain_page(key, mac_key, number, page)
    plain[18:20] = b"\1\1"  # a copy in memory has no write-ahead log
    db = sqlite3.connect(":memory:")
    db.deserialize(bytes(plain))
    demand(db.execute("PRAGMA user_version").fetchone() == (1,), "another version of the tables")
    return db


# 5. Membership and decisions ------------------------------------------------------------------


def sequence(rows):
    return b"".join(cbor(list(row)) for row in rows)


def check_pin(pin, links, what):
    genesis, seq, digest = pin
    demand(sha512(links[0]) == genesis and sha512(links[seq]) == digest, f"{what} was put back")


def check_decisions(rows, vault, statements):
    hashes, previous, standing, policy = [sha512(s) for s in statements], bytes(64), 0, None
    for place, (data, signature) in enumerate(rows):
        what = f"decision {place}"
        name, version, of, seq, before, membership, _, author, ruling = values(data, 9, what)
        demand((name, version, of) == ("decision", 1, vault), f"{what}: another kind")
        demand((seq, before) == (place, previous), f"{what}: it does not follow")
        ed25519(key_of(author, what), POLICY + data, signature, what)
        demand(membership in hashes[standing:], f"{what}: its membership does not fit")
        standing, previous = hashes.index(membership), sha512(data)
        if ruling[0] == 1:
            demand(policy is None or ruling[1][0] > policy[0], f"{what}: an older policy")
            policy = ruling[1]
    return policy


def members_at_end(rows):
    """Person to [name, key, recipient, roles]."""
    people = {}
    for data, _ in rows:
        statement = one_item(data, "statement")
        person, saying = statement[9], statement[10]
        if saying[0] == 1:
            people[person] = [saying[1], saying[2][1], saying[3], saying[4]]
        elif saying[0] == 2:
            people[person][3] = []
    return people


def check_vault(header, directory, slot):
    statements = directory.execute("SELECT bytes, signature FROM statement ORDER BY seq").fetchall()
    decisions = directory.execute("SELECT bytes, signature FROM decision ORDER BY seq").fetchall()
    check_members(sequence(statements), None)
    policy = check_decisions(decisions, header["vault"], [s for s, _ in statements])
    people = members_at_end(statements)
    officers = [key for _, key, _, roles in people.values() if "officer" in roles]
    demand(key_of(header["author"], "header") in officers, "no officer signed the header")
    fronts = [header["policy"], header["marking"], header["failures"], header["banner"]]
    demand(fronts == [policy[0], policy[1], policy[4], policy[6]], "the header is not the policy's")
    auditors = sorted(to for _, _, to, roles in people.values() if "auditor" in roles)
    demand(header["auditors"] == auditors, "the header names other auditors")
    if slot:
        check_pin(slot["pins"]["membership"], [s for s, _ in statements], "the membership")
        check_pin(slot["pins"]["decisions"], [d for d, _ in decisions], "the list of decisions")
        row = directory.execute("SELECT generation FROM slot WHERE name = ?", [slot["name"]])
        demand(slot["pins"]["generation"] >= row.fetchone()[0], "the slot was put back")
        _, key, to, roles = people[slot["person"]]
        seed = Ed25519PrivateKey.from_private_bytes(slot["seed"]).public_key()
        same = key == seed.public_bytes(Encoding.Raw, PublicFormat.Raw)
        demand(same and to == recipient(slot["identity"]) and roles, "the slot has other keys")
    print(f"vault {header['vault'].hex()}: {len(statements)} statements, {len(decisions)} decisions")
    return [key for _, key, _, _ in people.values()], officers


# 7. Project keys ------------------------------------------------------------------------------


def project_key(directory, project, identity):
    rows = directory.execute(
        "SELECT bytes, signature FROM wrap WHERE project = ? AND recipient = ? "
        "ORDER BY epoch DESC LIMIT 1",
        [project, recipient(identity)],
    )
    data, signature = rows.fetchone()
    name, version, suite, of, epoch, _, print_, author, sealed = values(data, 9, "wrap")
    demand((name, version, suite, of) == ("wrap", 1, 1, project), "another kind of wrap")
    ed25519(key_of(author, "wrap"), MEMBERSHIP + data, signature, "wrap")
    version, *inner, key, same = values(open_age(sealed, identity), 5, "wrapped key")
    demand([version, *inner, same] == [1, project, epoch, print_], "it wraps another key")
    derived = expand(key, b"project/fingerprint", project + struct.pack(">I", epoch))
    demand(sha512(derived) == print_, "the fingerprint is another key's")
    return key, epoch, print_, key_of(author, "wrap")


# 8. Project database --------------------------------------------------------------------------


def change_records(db):
    """The chains as a bundle's changes.cborseq has them."""
    out = b""
    subjects = "row - ?, kind, subject, part, base, salt, value, digest"
    for header, signature, first, leaves in db.execute(
        "SELECT header, signature, first, leaves FROM change ORDER BY row"
    ):
        out += b"\x83" + cbor(header) + cbor(signature) + head(4, leaves)
        rows = db.execute(
            f"SELECT {subjects} FROM revision WHERE row >= ? AND row < ? ORDER BY row",
            [first, first, first + leaves],
        )
        for index, kind, subject, part, base, salt, value, digest in rows:
            about = cbor([kind, subject]) + cbor(part) + (base or b"\xf6")
            if value is None or salt is None:
                out += cbor([0, digest, b"\x83" + about])
            else:
                out += cbor([1, salt, b"\x85" + cbor(index) + about + value])
    return out


def open_project(folder, directory, vault, project, identity, officers, pin):
    key, epoch, print_, author = project_key(directory, project, identity)
    home = os.path.join(folder, "projects", project.hex())
    db = database(
        os.path.join(home, "project.db"), expand(key, b"vaultmark/project/database/v1", project)
    )
    meta = dict(db.execute("SELECT name, value FROM meta"))
    demand(meta["project"] == project.hex(), "it is another project's database")
    wanted = "SELECT bytes, signature FROM statement WHERE received = 0 ORDER BY seq"
    own = db.execute(wanted).fetchall()
    ofvault = directory.execute("SELECT bytes, signature FROM statement ORDER BY seq").fetchall()
    came = db.execute(wanted.replace("received = 0", "received = 1")).fetchall()
    _, _, lists = read_members(sequence(ofvault + came + own), project)
    sayings = [one_item(s, "statement")[10] for s, _ in own]
    managers = [saying[2][1] for saying in sayings if saying[0] == 1 and "manager" in saying[4]]
    demand(author in managers + officers, "who wrapped the key had no right to")
    demand(epoch >= one_item(own[-1][0], "statement")[4], "the key was put back")
    counts, _ = check_changes(change_records(db), project, Rights(lists, vault))
    if pin:
        check_pin(pin[1], [s for s, _ in own], "the project's membership")
        demand(pin[2] < epoch or pin[2:4] == [epoch, print_], "another key than is remembered")
        for replica, seq, digest in pin[4]:
            row = db.execute(
                "SELECT header FROM change JOIN replica ON replica.row = replica "
                "WHERE replica.id = ? AND seq = ?",
                [replica, seq],
            ).fetchone()
            demand(row and sha512(row[0]) == digest, "the project was put back")
    print(f"project {project.hex()} {meta['name']}: " + ", ".join(f"{n} {w}" for w, n in counts.items()))
    for item, content, blob, secret, name, length, sealed in db.execute(
        "SELECT item.id, content, blob.id, blob.key, blob.name, length, sealed FROM media "
        "JOIN blob ON blob.row = media.blob JOIN item ON item.id = media.item ORDER BY item.row"
    ):
        digest = hashlib.sha512()
        with open(os.path.join(home, "blobs", name[:2], name), "rb") as file:
            demand(file.seek(0, 2) == sealed, f"{name} has another length")
            for piece in open_blob(file, sealed, secret, blob_context(project, blob), length):
                digest.update(piece)
        demand(digest.digest() == content, f"{name} holds other content")
        print(f"medium {item.hex()} {digest.hexdigest()}")


# 11. Audit log --------------------------------------------------------------------------------


def read_state(folder, header):
    data = open(os.path.join(folder, "audit", "state"), "rb").read()
    key = expand(header["salt"], b"audit/state", header["vault"])
    found = []
    for place in (data[:32768], data[32768:]):
        generation, length = struct.unpack(">QI", place[:12])
        if length:
            record = place[12 : 12 + length]
            found.append((generation, open_record(key, b"audit/state", place[:8], record)))
    state = values(max(found)[1], 9, "audit/state")
    demand(state[0] == 1, "another kind of state")
    return state


def check_audit(folder, header, identity, keys):
    state = read_state(folder, header)
    log = open(os.path.join(folder, "audit", "log"), "rb").read()
    demand(log[:16] == b"vaultmark-audit\1", "another kind of log")
    at, previous, key, code, seq = 16, bytes(64), None, "none", 0
    while at < state[4]:
        length = struct.unpack(">I", log[at : at + 4])[0]
        data, tag = log[at + 4 : at + 4 + length], log[at + 4 + length : at + 36 + length]
        entry = values(data, 8, f"entry {seq}")
        demand(entry[:3] == [1, seq, previous], f"entry {seq} does not follow")
        plain = values(open_age(entry[6], identity), 3 if seq == 0 else 8, f"body {seq}")
        if seq == 0:
            demand(plain[:2] == [1, header["vault"]], "another vault's log")
            key = plain[2]
        found, key = mac(key, seq, data)
        demand(found == tag, f"entry {seq} was altered")
        previous = sha512(data)
        if entry[4] == 2:
            unsigned = CHECKPOINT + cbor([*entry[:7], None])
            demand(any(signed_by(k, unsigned, entry[7]) for k in keys), f"checkpoint {seq}")
            code = short_code(seq, previous)
        at, seq = at + 36 + length, seq + 1
    demand([at, seq, previous, key] == [state[4], state[1], state[2], state[6]], "its end")
    print(f"audit log: {seq} entries, every MAC agrees, last checkpoint {code}")


def signed_by(key, message, signature):
    try:
        ed25519(key, message, signature, "checkpoint")
    except BundleRefused:
        return False
    return True


def open_vault(folder, how, first, second=None):
    with open(os.path.join(folder, "lock"), "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        header = read_header(folder)
        if how == "--login":
            passphrase = open(second, encoding="utf-8").readline().rstrip("\r\n")
            slot = read_slot(folder, header, first, passphrase)
            identity, vault_key = slot["identity"], slot["vault_key"]
        else:
            slot, identity = None, open(first, encoding="utf-8").readline().strip()
            version, vault, vault_key = values(open_age(header["wrap"], identity), 3, "recovery")
            demand((version, vault) == (1, header["vault"]), "another vault's sheet")
        key = expand(vault_key, b"vault/directory", header["vault"])
        directory = database(os.path.join(folder, "directory.db"), key)
        keys, officers = check_vault(header, directory, slot)
        check_audit(folder, header, identity, keys)
        pins = {pin[0]: pin for pin in slot["pins"]["projects"]} if slot else {}
        for (project,) in directory.execute("SELECT id FROM project ORDER BY id"):
            pin = pins.get(project)
            open_project(folder, directory, header["vault"], project, identity, officers, pin)


def main(arguments):
    if [len(arguments), *arguments[1:2]] not in ([4, "--login"], [3, "--sheet"]):
        print(__doc__)
        return 2
    try:
        open_vault(*arguments)
    except (Refused, BundleRefused, ValueError, OSError) as refusal:
        print(f"refused: {refusal}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
