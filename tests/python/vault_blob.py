"""Opens a sealed file of a vault, written from docs-offline/vault-format.md alone.

    vault_blob.py --vectors PAGE.md | VECTORS.json
    vault_blob.py FILE KEY PROJECT BLOB LENGTH

The first recomputes the page's vectors. The second opens FILE; KEY, PROJECT and BLOB are hexadecimal
digits (`blob.key`, the project's identifier, `blob.id`), LENGTH is `blob.length`. It prints the SHA-512
of the plaintext. Needs the PyPI package `cryptography` and nothing else.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Refused(Exception):
    """A rule of the page is broken."""


def demand(condition, why):
    if not condition:
        raise Refused(why)


# 1. Building blocks ---------------------------------------------------------------------------


def sha512(data):
    return hashlib.sha512(data).digest()


def hkdf_expand(key, info, length):
    return HKDFExpand(hashes.SHA512(), length, info).derive(key)


def expand(key, label, context):
    return hkdf_expand(key, b"vaultmark/expand/v1\0" + label + b"\0" + context, 32)


def gcm(key, nonce, data, aad, what):
    try:
        return AESGCM(key).decrypt(nonce, data, aad)
    except InvalidTag:
        raise Refused(f"{what} was altered") from None


def record_keys(key, label, salt, context):
    info = b"vaultmark/record/v1\0" + label + b"\0" + salt + context
    material = hkdf_expand(key, info, 76)
    return material[:32], material[32:44], material[44:]


def seal_record(key, label, context, plaintext, salt):
    inner, nonce, commitment = record_keys(key, label, salt, context)
    return b"\1" + salt + commitment + AESGCM(inner).encrypt(nonce, plaintext, label)


def open_record(key, label, context, record):
    demand(record[:1] == b"\1" and len(record) >= 73, "it is no sealed record of format 1")
    inner, nonce, commitment = record_keys(key, label, record[1:25], context)
    demand(hmac.compare_digest(commitment, record[25:57]), "the key, or what it is for, is another")
    return gcm(inner, nonce, record[57:], label, "the record")


def keyed_name(key, text):
    tag = hmac.digest(key, text.encode(), "sha512")[:20]
    return base64.b32encode(tag).decode().lower()


# 4. Key slots ---------------------------------------------------------------------------------


def slot_name(salt, login):
    return keyed_name(salt, unicodedata.normalize("NFC", login.strip().lower()))


def derive(passphrase, salt, kdf):
    """`kdf` is [1, memory, passes, lanes] or [2, rounds]."""
    secret = unicodedata.normalize("NFC", passphrase).encode()
    if kdf[0] == 1:
        _, memory, passes, lanes = kdf
        argon = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        return argon.derive(secret)
    demand(kdf[0] == 2, "an unknown key derivation")
    return hashlib.pbkdf2_hmac("sha512", secret, salt, kdf[1], 32)


# 9. Sealed files ------------------------------------------------------------------------------

CHUNK = 16384


def padme(n):
    if n < 2:
        return n
    e = n.bit_length() - 1
    m = (1 << (e - e.bit_length())) - 1
    return (n + m) & ~m


def sealed_length(plain):
    return 56 + plain + 16 * (plain // CHUNK + 1)


def blob_context(project, blob):
    demand(len(project) == 16 and len(blob) == 16, "an identifier has 16 bytes")
    return project + blob + b"\1"


def blob_keys(key, salt, context):
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    material = hkdf_expand(key, info, 76)
    return material[:32], material[32:44], material[44:]


def chunk_nonce(base, number):
    return bytes(a ^ b for a, b in zip(base, number.to_bytes(12, "big"), strict=True))


def seal_blob(key, context, plain, salt):
    inner, base, commitment = blob_keys(key, salt, context)
    plain += bytes(padme(len(plain)) - len(plain))
    out = salt + commitment
    for number in range(len(plain) // CHUNK + 1):
        chunk = plain[number * CHUNK : (number + 1) * CHUNK]
        out += AESGCM(inner).encrypt(chunk_nonce(base, number), chunk, None)
    return out


def open_blob(file, sealed, key, context, length):
    """Gives the plaintext in pieces. `sealed` is the number of bytes in `file`."""
    padded = padme(length)
    demand(sealed == sealed_length(padded), f"the file has {sealed} bytes, which is no such file")
    file.seek(0)
    header = file.read(56)
    inner, base, commitment = blob_keys(key, header[:24], context)
    same = hmac.compare_digest(commitment, header[24:])
    demand(same, "the file was altered, or key, project or blob is another")
    last = padded // CHUNK

    def chunk(number):
        file.seek(56 + number * (CHUNK + 16))
        size = min(CHUNK, padded - number * CHUNK) + 16
        return gcm(inner, chunk_nonce(base, number), file.read(size), None, f"chunk {number}")

    chunk(last)  # where the file was cut shows nowhere else
    for number in range(last + 1):
        piece = chunk(number)
        there = max(0, min(len(piece), length - number * CHUNK))
        demand(not any(piece[there:]), "the padding is not zero")
        yield piece[:there]


def open_file(path, key, project, blob, length):
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        digest = hashlib.sha512()
        for piece in open_blob(file, size, key, blob_context(project, blob), length):
            digest.update(piece)
    print(digest.hexdigest())


# 11. Audit log --------------------------------------------------------------------------------


def mac(key, number, entry):
    """The MAC of an entry, and the key of the next."""
    index = struct.pack(">Q", number)
    tag = hmac.digest(key, b"vaultmark/evolve/v1\0" + index + entry, "sha512")[:32]
    return tag, expand(key, b"evolve", index)


def short_code(number, digest):
    bits = int.from_bytes(digest[:10], "big")
    letters = [
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> (5 * place) & 31] for place in range(15, -1, -1)
    ]
    groups = ["".join(letters[at : at + 4]) for at in range(0, 16, 4)]
    return "-".join([str(number), *groups])


# 13. Vectors ----------------------------------------------------------------------------------


def node(left, right):
    return sha512(b"\1" + left + right)


def recomputed(v):
    """Every line that follows from others."""
    text = {name: v[name].decode() for name in ("login", "passphrase")}
    name = slot_name(v["header-salt"], text["login"]).encode()
    argon = derive(text["passphrase"], v["slot-salt"], [1, 64, 1, 1])
    pbkdf = derive(text["passphrase"], v["slot-salt"], [2, 1000])
    kdf = b"\x84\x01\x18\x40\x01\x01"
    context = v["vault"] + name + kdf + v["slot-salt"]
    record = seal_record(argon, b"vault/slot", context, v["record-plain"], v["record-salt"])
    fingerprint = expand(v["project-key"], b"project/fingerprint", v["project"] + struct.pack(">I", 1))
    seed = Ed25519PrivateKey.from_private_bytes(v["seed"])
    bound = blob_context(v["project"], v["blob"])
    large = bytes(i % 251 for i in range(20000))
    leaves = [sha512(b"\0" + v[f"salt{i}"] + v[f"field{i}"]) for i in range(3)]
    mac0, key1 = mac(v["mac-key0"], 0, v["entry0"])
    mac1, key2 = mac(key1, 1, v["entry1"])
    padded = {f"padme-{n}": struct.pack(">Q", padme(n)) for n in (9, 100, 1000, 20000)}
    return padded | {
        "slot-name": name,
        "kdf-argon2id": kdf,
        "kdf-pbkdf2": b"\x82\x02\x19\x03\xe8",
        "kek-argon2id": argon,
        "kek-pbkdf2": pbkdf,
        "record-context": context,
        "record": record,
        "directory-key": expand(v["vault-key"], b"vault/directory", v["vault"]),
        "state-key": expand(v["header-salt"], b"audit/state", v["vault"]),
        "database-key": expand(v["project-key"], b"vaultmark/project/database/v1", v["project"]),
        "manifest-key": expand(v["project-key"], b"vaultmark/project/manifest/v1", v["project"]),
        "fingerprint": sha512(fingerprint),
        "public": seed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        "signature": seed.sign(b"vaultmark/policy/v1\0" + v["message"]),
        "blob-context": bound,
        "blob-file": seal_blob(v["blob-key"], bound, v["blob-plain"], v["blob-salt"]),
        "large-sha512": sha512(seal_blob(v["blob-key"], bound, large, v["blob-salt"])),
        "leaf0": leaves[0],
        "leaf1": leaves[1],
        "leaf2": leaves[2],
        "root": node(node(leaves[0], leaves[1]), leaves[2]),
        "mac0": mac0,
        "mac-key1": key1,
        "mac1": mac1,
        "mac-key2": key2,
        "short-code": short_code(1204, v["entry-digest"]).encode(),
    }


def read_vectors(path):
    text = open(path, encoding="utf-8").read()
    if path.endswith(".json"):
        lines = json.loads(text).items()
    else:
        block = re.search(r"```vectors\n(.*?)```", text, re.S)[1]
        lines = re.findall(r"(\S+) = ([0-9a-f]*)\n", block)
    return {name: bytes.fromhex(value) for name, value in lines}


def vectors(path):
    v = read_vectors(path)
    found = recomputed(v)
    for name, value in found.items():
        demand(v.get(name) == value, f"{name} should be {value.hex()}")
    opened = open_record(v["kek-argon2id"], b"vault/slot", v["record-context"], v["record"])
    demand(opened == v["record-plain"], "record does not open")
    print(f"{len(v)} vectors, {len(found)} recomputed: they agree")


def main(arguments):
    try:
        if len(arguments) == 2 and arguments[0] == "--vectors":
            vectors(arguments[1])
        elif len(arguments) == 5:
            key, project, blob = map(bytes.fromhex, arguments[1:4])
            open_file(arguments[0], key, project, blob, int(arguments[4]))
        else:
            print(__doc__)
            return 2
    except (Refused, ValueError) as refusal:
        print(f"refused: {refusal}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
