#!/usr/bin/env python3
"""Verifies a Vaultmark bundle, written from docs-offline/bundle-format.md alone.

Uses the standard library and PyPI `cryptography`. Numbers in comments are sections of that page.

    bundle_verify.py FILE [--signers ALLOWED_SIGNERS]
    bundle_verify.py --vectors bundle-format.md
"""

import base64
import hashlib
import json
import math
import re
import struct
import sys
import unicodedata
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Refused(Exception):
    """A rule of the page is broken."""


def demand(condition, why):
    if not condition:
        raise Refused(why)


def sha512(data):
    return hashlib.sha512(data).digest()


# 1. Container ---------------------------------------------------------------------------------

ONES16, ONES32 = 0xFFFF, 0xFFFFFFFF


def header_fields(name, crc, size, extra):
    small = min(size, ONES32)
    flags = 0x0800 if any(b > 0x7F for b in name) else 0
    version = 45 if extra else 20
    return struct.pack(
        "<HHHHHIIIHH", version, flags, 0, 0, 0x21, crc, small, small, len(name), len(extra)
    )


def local_header(name, crc, size):
    extra = struct.pack("<HHQQ", 1, 16, size, size) if size >= ONES32 else b""
    return b"PK\x03\x04" + header_fields(name, crc, size, extra) + name + extra


def central_header(name, crc, size, offset):
    values = [size, size] if size >= ONES32 else []
    values += [offset] if offset >= ONES32 else []
    extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    made = struct.pack("<H", 0x0300 + (45 if extra else 20))
    tail = struct.pack("<HHHII", 0, 0, 0, 0x81A40000, min(offset, ONES32))
    return b"PK\x01\x02" + made + header_fields(name, crc, size, extra) + tail + name + extra


def end_records(n, d, o):
    out = b""
    if n >= ONES16 or d >= ONES32 or o >= ONES32:
        out += b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 0x032D, 45, 0, 0, n, n, d, o)
        out += b"PK\x06\x07" + struct.pack("<IQI", 0, o + d, 1)
    small = min(n, ONES16)
    return out + b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", 0, 0, small, small, min(d, ONES32), min(o, ONES32), 0
    )


# Letters and marks that show as nothing or only vary the one before.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}


def fold(name):
    name = unicodedata.normalize("NFKC", name)
    return unicodedata.normalize("NFKC", name.upper().lower())


def check_name(raw, taken):
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("a name is not UTF-8") from None
    demand(len(raw) <= 240, f"{name!r} is too long")
    demand(unicodedata.is_normalized("NFC", name), f"{name!r} is not in NFC")
    parts = name.split("/")
    demand(len(parts) <= 8, f"{name!r} is too deep")
    for part in parts:
        demand(part != "", f"{name!r} has an empty part")
        for c in part:
            letter = unicodedata.category(c)[0] in "LNM" if ord(c) > 0x7F else c.isalnum()
            safe = (letter and not UNSEEN.match(c)) or c in "._-+=@,() "
            demand(safe, f"{name!r} holds {c!r}")
        demand(part[0] not in ". -" and part[-1] not in ". -", f"{name!r} has an unsafe edge")
        demand(part.split(".")[0].rstrip().lower() not in DEVICES, f"{name!r} is a device")
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        known = taken.setdefault(fold(folder), ("folder", folder))
        demand(known == ("folder", folder), f"{name!r} collides with {known[1]!r}")
    demand(fold(name) not in taken, f"{name!r} collides with another name")
    taken[fold(name)] = ("file", name)
    return name


def read_container(data):
    """name -> content, after every byte of the archive is as section 1 says."""
    files, directory, taken, at, last = {}, b"", {}, 0, b""
    while data[at : at + 4] == b"PK\x03\x04":
        demand(len(data) >= at + 30, "a header is cut short")
        crc, _, size, length, extra = struct.unpack("<IIIHH", data[at + 14 : at + 30])
        name = data[at + 30 : at + 30 + length]
        if extra:
            demand(extra == 20 and len(data) >= at + 50 + length, "an extra field is not allowed")
            size = struct.unpack("<Q", data[at + 34 + length : at + 42 + length])[0]
        expected = local_header(name, crc, size)
        demand(data[at : at + len(expected)] == expected, f"the header of {name!r} is not exact")
        demand(name > last, "entries are not sorted")
        begin = at + len(expected)
        content = data[begin : begin + size]
        demand(len(content) == size, f"{name!r} is cut short")
        demand(zlib.crc32(content) == crc, f"{name!r} does not match its CRC-32")
        files[check_name(name, taken)] = content
        directory += central_header(name, crc, size, at)
        at, last = begin + size, name
    expected = directory + end_records(len(files), len(directory), at)
    demand(data[at:] == expected, "the directory or the end of the archive is not exact")
    return files


# 2. The bag -----------------------------------------------------------------------------------

FRAME = ["bag-info.txt", "bagit.txt", "manifest-sha512.txt"]
TAGMANIFEST = "tagmanifest-sha512.txt"
CREATOR, APPROVER = "signatures/creator.sig", "signatures/approver.sig"
README = "data/README.txt"
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def manifest(files, names):
    lines = (hashlib.sha512(files[name]).hexdigest() + "  " + name + "\n" for name in names)
    return "".join(lines).encode()


def sorted_names(names):
    return sorted(names, key=lambda name: name.encode())


INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
ID = re.compile(r"[0-9a-f]{32}\Z")
NUMBER = re.compile(r"(0|[1-9][0-9]*)\Z")
FIELDS = [
    ("Bag-Software-Agent", 1, 1), ("Bagging-Date", 1, 1), ("Payload-Oxum", 1, 1),
    ("Bag-Group-Identifier", 1, 1), ("Bag-Count", 1, 1), ("Vaultmark-Profile", 1, 1),
    ("Vaultmark-Marking", 1, 1), ("Vaultmark-Created", 1, 1), ("Vaultmark-Vault", 1, 1),
    ("Vaultmark-Project", 1, 1), ("Vaultmark-Recipient", 0, 64), ("Vaultmark-Policy", 1, 1),
    ("Vaultmark-Policy-Version", 1, 1), ("Vaultmark-Justification", 0, 1),
    ("Vaultmark-Audit-Checkpoint", 1, 1),
]


def read_info(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("bag-info.txt is not UTF-8") from None
    demand(text.endswith("\n"), "bag-info.txt: its last line has no end")
    lines = text[:-1].split("\n")
    info = {}
    for field, least, most in FIELDS:
        values = []
        while lines and lines[0].startswith(field + ": ") and len(values) < most:
            value = lines.pop(0)[len(field) + 2 :]
            control = any(unicodedata.category(c) == "Cc" for c in value)
            sound = 1 <= len(value.encode()) <= 4096 and value == value.strip()
            demand(sound and not control and not INVISIBLE.search(value), f"{field} is not sound")
            values.append(value)
        demand(len(values) >= least, f"bag-info.txt has no {field}")
        info[field] = values if most > 1 else (values or [None])[0]
    demand(not lines, "bag-info.txt has a line more")
    demand(info["Vaultmark-Profile"] == "1", "this script knows profile 1")
    for field in ("Bag-Group-Identifier", "Vaultmark-Vault", "Vaultmark-Project"):
        demand(ID.match(info[field]), f"{field} is no identifier")
    demand(NUMBER.match(info["Vaultmark-Policy-Version"]), "the policy's version is no number")
    demand(info["Vaultmark-Policy"] in ("single", "two"), "the policy is unknown")
    created = info["Vaultmark-Created"]
    demand(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", created), "Vaultmark-Created is no time")
    demand(info["Bagging-Date"] == created[:10], "the dates differ")
    count = re.match(r"([1-9]\d*) of ([1-9]\d*)\Z", info["Bag-Count"])
    demand(count and int(count[1]) <= int(count[2]), "Bag-Count is no volume")
    return info


# 3. Signatures --------------------------------------------------------------------------------


def ssh_strings(data):
    out = []
    while data:
        demand(len(data) >= 4, "an SSH string is cut short")
        size = struct.unpack(">I", data[:4])[0]
        demand(len(data) >= 4 + size, "an SSH string is cut short")
        out.append(data[4 : 4 + size])
        data = data[4 + size :]
    return out


def ssh_string(data):
    return struct.pack(">I", len(data)) + data


P = 2**255 - 19


def small_order(key):
    """Whether the point has an order of at most 8: then 8 times it is the neutral point."""
    y = int.from_bytes(key, "little") & (2**255 - 1)
    d = -121665 * pow(121666, P - 2, P) % P
    y %= P
    # Doubling on y alone (Edwards curve a = -1): x^2 follows from y, and only y of 2Q is needed.
    for _ in range(3):
        denominator = (d * y * y + 1) % P
        if denominator == 0:
            return False
        xx = (y * y - 1) * pow(denominator, P - 2, P) % P
        below = (1 - d * xx * y * y) % P
        if below == 0:
            return False
        y = (y * y + xx) * pow(below, P - 2, P) % P
    return y == 1


def ed25519(key, message, signature, what):
    demand(len(key) == 32 and not small_order(key), f"{what}: the key is not sound")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused(f"{what}: the signature is not valid") from None


def check_sshsig(armored, role, message):
    demand(len(armored) <= 4096, f"{role}: the signature is too large")
    try:
        lines = armored.decode("ascii").splitlines()
        demand(
            lines[0] == "-----BEGIN SSH SIGNATURE-----" and lines[-1] == "-----END SSH SIGNATURE-----",
            f"{role}: it is no SSH signature",
        )
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    except (UnicodeDecodeError, IndexError, ValueError):
        raise Refused(f"{role}: it is no SSH signature") from None
    namespace = f"vaultmark-bundle-{role}".encode()
    demand(blob[:10] == b"SSHSIG\x00\x00\x00\x01", f"{role}: it is no SSH signature")
    strings = ssh_strings(blob[10:])
    demand(len(strings) == 5, f"{role}: it is no SSH signature")
    public, found, reserved, algorithm, signature = strings
    demand(found == namespace, f"{role}: it is for {found!r}")
    demand(reserved == b"" and algorithm == b"sha512", f"{role}: another hash or form")
    public, signature = ssh_strings(public), ssh_strings(signature)
    demand(len(public) == 2 and public[0] == b"ssh-ed25519", f"{role}: another kind of key")
    demand(len(signature) == 2 and signature[0] == b"ssh-ed25519", f"{role}: another algorithm")
    signed = b"SSHSIG" + b"".join(map(ssh_string, [namespace, b"", b"sha512", sha512(message)]))
    ed25519(public[1], signed, signature[1], role)
    return public[1]


def fingerprint(key):
    blob = ssh_string(b"ssh-ed25519") + ssh_string(key)
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def allowed_signers(path):
    signers = []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line and not line.startswith("#"):
            match = re.match(r'(\S+) (?:namespaces="([^"]*)" )?ssh-ed25519 (\S+)', line)
            demand(match, f"a line of {path} can't be read")
            key = ssh_strings(base64.b64decode(match[3]))[1]
            signers.append((match[1], match[2].split(",") if match[2] else None, key))
    return signers


# 6. CBOR --------------------------------------------------------------------------------------


class Cbor:
    """Reads deterministic CBOR as section 6 narrows it."""

    def __init__(self, data, what):
        self.data, self.at, self.what = data, 0, what

    def refuse(self, why):
        raise Refused(f"{self.what}: {why}")

    def take(self, n):
        if self.at + n > len(self.data):
            self.refuse("it is cut short")
        self.at += n
        return self.data[self.at - n : self.at]

    def item(self, depth=0):
        if depth > 16:
            self.refuse("it is nested too deeply")
        first = self.take(1)[0]
        major, minor = first >> 5, first & 31
        if first in (0xF4, 0xF5, 0xF6):
            return {0xF4: False, 0xF5: True, 0xF6: None}[first]
        if first == 0xFB:
            raw = self.take(8)
            value = struct.unpack(">d", raw)[0]
            if not math.isfinite(value) or raw == struct.pack(">d", -0.0):
                self.refuse("a float is NaN, infinite or -0.0")
            return value
        if major in (5, 6, 7) or minor > 27:
            self.refuse("an item of a kind that is not allowed")
        argument = minor
        if minor >= 24:
            size = 1 << (minor - 24)
            argument = int.from_bytes(self.take(size), "big")
            if argument < (24 if size == 1 else 1 << (4 * size)):
                self.refuse("an integer is not in its shortest form")
        if major == 0:
            return argument
        if major == 1:
            return -1 - argument
        if major == 2:
            return self.take(argument)
        if major == 3:
            try:
                return self.take(argument).decode("utf-8")
            except UnicodeDecodeError:
                self.refuse("a text is not UTF-8")
        return [self.item(depth + 1) for _ in range(argument)]

    def more(self):
        return self.at < len(self.data)


def one_item(data, what):
    cbor = Cbor(data, what)
    value = cbor.item()
    demand(not cbor.more(), f"{what}: bytes follow it")
    return value


def is_array(value, n):
    return isinstance(value, list) and len(value) == n


def is_id(value):
    return isinstance(value, bytes) and len(value) == 16


def is_digest(value):
    return isinstance(value, bytes) and len(value) == 64


def is_uint(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def key_of(value, what):
    demand(is_array(value, 2) and value[0] == 1 and isinstance(value[1], bytes), f"{what}: no key")
    return value[1]


def check_ref(subject, part, base, what):
    known = is_array(subject, 2) and subject[0] in (0, 1, 2) and is_id(subject[1])
    demand(known and is_uint(part) and part <= 14, f"{what}: an unknown subject or part")
    revision = base is None or (is_array(base, 2) and is_id(base[0]) and is_uint(base[1]))
    demand(revision, f"{what}: a base is no revision")


def is_coordinates(value):
    return isinstance(value, list) and all(isinstance(v, float) for v in value) and len(value) % 2 == 0


def is_shape(value):
    if not is_array(value, 2):
        return False
    kind, geometry = value
    if kind in ("box", "point"):
        return is_coordinates(geometry) and len(geometry) == (4 if kind == "box" else 2)
    if kind == "polyline":
        return is_coordinates(geometry)
    if kind == "polygon":
        sound = is_array(geometry, 2) and is_coordinates(geometry[0])
        return sound and isinstance(geometry[1], list) and all(map(is_coordinates, geometry[1]))
    return False


def is_source(value):
    if not isinstance(value, list) or not value:
        return False
    kinds = {0: (), 1: (str,), 2: (str, str, float)}.get(value[0])
    return kinds is not None and len(value) == 1 + len(kinds) and all(
        isinstance(v, k) for v, k in zip(value[1:], kinds)
    )


def value_fits(subject, part, value):
    if part == 0 and subject == 0:
        return is_array(value, 11) and isinstance(value[0], bytes) and is_digest(value[1])
    if part == 0 and subject == 1:
        return (
            is_array(value, 5) and is_id(value[0]) and is_id(value[1])
            and is_shape(value[2]) and is_int(value[3]) and is_source(value[4])
        )
    if part == 0:
        return is_array(value, 4) and isinstance(value[0], str) and len(value[1]) == 3
    if part in (1, 5, 6, 7, 8, 9, 14):
        return isinstance(value, bool)
    if part == 2:
        return is_shape(value)
    if part == 3:
        return is_id(value)
    if part in (4, 11):
        return isinstance(value, str)
    if part == 10:
        return is_int(value)
    if part == 12:
        return isinstance(value, bytes) and len(value) == 3
    return value is None or (is_uint(value) and value <= 9)


BELONGS = {0: {0, 1, 2}, 1: {0, 1, 2}, 2: {1}, 3: {1}, 4: {0, 1}, 5: {0, 1}, 6: {1}, 7: {1}, 8: {1},
           9: {1}, 10: {1}, 11: {2}, 12: {2}, 13: {2}, 14: {0}}


def merkle(digests):
    if not digests:
        return sha512(b"")
    if len(digests) == 1:
        return digests[0]
    k = 1
    while k * 2 < len(digests):
        k *= 2
    return sha512(b"\x01" + merkle(digests[:k]) + merkle(digests[k:]))


def leaf_digest(salt, field):
    return sha512(b"\x00" + salt + field)


def read_header(data, what):
    h = one_item(data, what)
    demand(is_array(h, 16) and h[0] == 1 and h[1] == 1, f"{what}: another format or suite")
    demand(all(map(is_id, h[2:5])) and is_uint(h[5]) and h[5] >= 1, f"{what}: its place is not sound")
    placed = is_digest(h[6]) and is_digest(h[8]) and is_int(h[9])
    demand(placed and is_uint(h[14]) and is_digest(h[15]), f"{what}: form")
    tool = h[10]
    named = is_array(tool, 3) and all(isinstance(t, str) for t in tool[:2])
    demand(named and (tool[2] is None or isinstance(tool[2], str)), f"{what}: its tool")
    intent = h[11]
    demand(isinstance(intent, list) and intent, f"{what}: its intent")
    if intent[0] in (0, 3):
        demand(len(intent) == 1, f"{what}: its intent")
    elif intent[0] in (1, 2):
        demand(len(intent) == 2 and is_id(intent[1]), f"{what}: its intent")
    else:
        sound = is_array(intent, 2) and intent[0] == 4 and is_heads(intent[1])
        demand(sound, f"{what}: its intent")
    demand(all(is_array(c, 2) and is_id(c[0]) and is_digest(c[1]) for c in h[12]), f"{what}: content")
    demand(ascending([c[0] for c in h[12]]), f"{what}: its content is not sorted")
    if is_digest(h[13]):
        demand(h[14] > 256, f"{what}: its number of parts")
    else:
        demand(len(h[13]) == h[14] and len(h[13]) <= 256, f"{what}: its number of parts")
        for ref in h[13]:
            demand(is_array(ref, 3), f"{what}: a part reference")
            check_ref(*ref, what)
    return h


def is_heads(value):
    sound = isinstance(value, list) and all(
        is_array(head, 3) and is_id(head[0]) and is_uint(head[1]) and is_digest(head[2])
        for head in value
    )
    return sound and ascending([head[0] for head in value])


def ascending(values):
    return all(a < b for a, b in zip(values, values[1:]))


def encoded_ref(field):
    """The part reference that a field's bytes hold: all between its index and its value."""
    begin = Cbor(field, "field")
    begin.take(1)
    begin.item()
    end = Cbor(field, "field")
    end.at = begin.at
    for _ in range(3):
        end.item()
    return b"\x83" + field[begin.at : end.at]


def check_changes(data, project, rights=None, state=None):
    """What changes.cborseq holds. With `rights` (section 7), that each Change was made by right, and
    that nothing newest is withheld. Shown leaves go to `state` (section 5)."""
    cbor = Cbor(data, "changes.cborseq")
    heads, links, named = {}, {}, {}
    hidden, gone = {}, set()
    authors, counts = {}, {"changes": 0, "shown": 0, "withheld": 0}
    while cbor.more():
        counts["changes"] += 1
        what = f"changes.cborseq record {counts['changes']}"
        cbor.what = what
        record = cbor.item()
        sound = is_array(record, 3) and isinstance(record[2], list)
        demand(sound and all(isinstance(r, bytes) for r in record[:2]), f"{what}: no change")
        header, signature, leaves = record
        h = read_header(header, what)
        author = key_of(h[7], what)
        ed25519(author, b"vaultmark/change/v1\x00" + header, signature, what)
        demand(h[3] == project, f"{what}: it belongs to another project")
        seq, previous = heads.get(h[4], (0, bytes(64)))
        demand(h[5] == seq + 1 and h[6] == previous, f"{what}: it does not follow its chain")
        heads[h[4]] = (h[5], sha512(header))
        links[h[4], h[5]] = sha512(header)
        for replica, place, digest in h[11][1] if h[11][0] == 4 else []:
            demand(named.setdefault((replica, place), digest) == digest, f"{what}: its merge")
        demand(len(leaves) == h[14], f"{what}: the number of its leaves")
        permitted = rights.change(h, author, sha512(header), what) if rights else None
        digests, refs = [], hashlib.sha512()
        for index, leaf in enumerate(leaves):
            known = is_array(leaf, 3) and leaf[0] in (0, 1) and isinstance(leaf[2], bytes)
            demand(known, f"{what}: leaf {index} has no known form")
            if leaf[0] == 0:
                demand(is_digest(leaf[1]), f"{what}: leaf {index} has no known form")
                counts["withheld"] += 1
                ref, bare = one_item(leaf[2], f"{what} leaf {index}"), leaf[2]
                demand(is_array(ref, 3), f"{what}: leaf {index} has no known form")
                check_ref(*ref, what)
                digests.append(leaf[1])
            else:
                demand(is_id(leaf[1]), f"{what}: leaf {index} has no known form")
                counts["shown"] += 1
                field = one_item(leaf[2], f"{what} leaf {index}")
                demand(is_array(field, 5) and field[0] == index, f"{what}: leaf {index} is misplaced")
                ref, bare = field[1:4], encoded_ref(leaf[2])
                check_ref(*ref, what)
                fits = ref[0][0] in BELONGS[ref[1]] and value_fits(ref[0][0], ref[1], field[4])
                demand(fits, f"{what}: leaf {index} has a value that does not fit its part")
                digests.append(leaf_digest(leaf[1], leaf[2]))
            if is_digest(h[13]):
                refs.update(bare)
            else:
                demand(h[13][index] == ref, f"{what}: leaf {index} is another part")
            subject, part = tuple(ref[0]), ref[1]
            if rights:
                demand(matter(subject[0], part) in permitted, f"{what}: its author had no right to it")
            if leaf[0] == 0:
                hidden[subject, part] = what
                continue
            hidden.pop((subject, part), None)
            if state:
                state.apply(counts["shown"] + counts["withheld"], subject, part, field[4], h[12], what)
            if part == 1:
                (gone.discard if field[4] else gone.add)(subject)
        demand(merkle(digests) == h[15], f"{what}: its root does not match")
        demand(not is_digest(h[13]) or refs.digest() == h[13], f"{what}: its leaves are other parts")
        authors[author] = authors.get(author, 0) + 1
    for place, digest in named.items():
        demand(links.get(place) == digest, "changes.cborseq: a merge names what is not there")
    if rights:
        rights.finish("changes.cborseq")
        for (subject, part), what in hidden.items():
            demand(part != 1 and subject in gone, f"{what}: what holds the present state is withheld")
    if state:
        state.heads = heads
    return counts, authors


# 5. What follows from the changes ---------------------------------------------------------------

NATIVE = "data/annotations/native.json"
FLAGS = {5: "flagged", 6: "occluded", 7: "truncated", 8: "locked", 9: "hidden", 14: "done"}
EXTENSIONS = {"jpeg": "jpg", "png": "png", "tiff": "tif", "bmp": "bmp", "gif": "gif", "webp": "webp",
              "pnm": "pnm"}


def native_shape(value):
    kind, g = value
    pairs = lambda ring: [ring[i : i + 2] for i in range(0, len(ring), 2)]
    if kind == "box":
        return {"kind": kind, "x": g[0], "y": g[1], "width": g[2], "height": g[3]}
    if kind == "point":
        return {"kind": kind, "x": g[0], "y": g[1]}
    if kind == "polyline":
        return {"kind": kind, "points": pairs(g)}
    return {"kind": kind, "outer": pairs(g[0]), "holes": [pairs(hole) for hole in g[1]]}


def native_source(value):
    if value[0] == 0:
        return {"from": "person"}
    if value[0] == 1:
        return {"from": "import", "format": value[1]}
    return {"from": "model", "name": value[1], "version": value[2], "confidence": value[3]}


def native_color(value):
    return "#" + value.hex()


class State:
    """Labels, items and annotations in the words of the native file, as the changes give them."""

    def __init__(self):
        self.subjects, self.heads = ({}, {}, {}), {}

    def apply(self, place, subject, part, value, content, what):
        kind, ident = subject
        items, annotations, labels = self.subjects
        if part == 0:
            demand(ident not in self.subjects[kind], f"{what}: it is there already")
            if kind == 0:
                made = self.item(value)
            elif kind == 1:
                demand(value[0] in items, f"{what}: its item is not shown")
                made = {"number": place, "item": value[0].hex(), "label": value[1].hex(),
                        "shape": native_shape(value[2]), "z_order": value[3], "note": "",
                        "source": native_source(value[4])}
                made |= {FLAGS[n]: False for n in (5, 6, 7, 8, 9)}
            else:
                made = {"name": value[0], "color": native_color(value[1]), "key": value[2],
                        "number": value[3]}
            self.subjects[kind][ident] = made | {"id": ident.hex(), "present": True}
        elif ident in self.subjects[kind]:
            known = self.subjects[kind][ident]
            if part in FLAGS:
                known[FLAGS[part]] = value
            else:
                name = {1: "present", 2: "shape", 3: "label", 4: "note", 10: "z_order", 11: "name",
                        12: "color", 13: "key"}[part]
                write = {2: native_shape, 3: bytes.hex, 12: native_color}.get(part, lambda v: v)
                known[name] = write(value)
        for item, digest in content:
            known = items.get(item)
            demand(known is None or known["sha512"] == digest.hex(), f"{what}: other pixels")

    @staticmethod
    def item(value):
        path, digest, crc, size, form, width, height, orientation, bands, sample, number = value
        try:
            name = {"path": path.decode("utf-8")}
        except UnicodeDecodeError:
            name = {"path_hex": path.hex()}
        image = {"format": form, "stored_width": width, "stored_height": height,
                 "orientation": orientation, "bands": bands, "sample": sample}
        return name | {"number": number, "sha512": digest.hex(), "crc32": crc, "size": size,
                       "image": image, "flagged": False, "done": False, "note": ""}

    def present(self, kind):
        there = (one for one in self.subjects[kind].values() if one["present"])
        return [{k: v for k, v in one.items() if k != "present"} for one in there]


def check_follows(files, state, project):
    document = json.loads(files[NATIVE])
    items, annotations, labels = (state.present(kind) for kind in range(3))
    number = {one["id"]: one["number"] for one in items}
    expected = {
        "labels": sorted(labels, key=lambda one: one["number"]),
        "items": sorted(items, key=lambda one: one["number"]),
        "annotations": sorted(annotations, key=lambda one: (number.get(one["item"]), one["number"])),
    }
    demand(set(document) == {"format", "version", "project", *expected}, f"{NATIVE}: its members")
    demand(document["project"]["id"] == project.hex(), f"{NATIVE}: another project")
    heads = [{"replica": replica.hex(), "seq": seq, "hash": digest.hex()}
             for replica, (seq, digest) in sorted(state.heads.items())]
    demand(document["project"]["heads"] == heads, f"{NATIVE}: its heads")
    for section, records in expected.items():
        demand(len(document[section]) == len(records), f"{NATIVE}: the number of its {section}")
        for found, record in zip(document[section], records):
            why = f"{NATIVE}: {section} {found.get('id')} is not what the changes say"
            demand(json.dumps(found, sort_keys=True) == json.dumps(record, sort_keys=True), why)
    names = {f"data/media/{one['id']}.{EXTENSIONS[one['image']['format']]}": one for one in items}
    for name in (name for name in files if name.startswith("data/media/")):
        demand(name in names, f"{name}: no item that is there")
        demand(names[name]["sha512"] == hashlib.sha512(files[name]).hexdigest(), f"{name}: other pixels")
    print(f"{len(items)} items, {len(annotations)} annotations, {len(labels)} labels as the changes say")


# 7. Membership --------------------------------------------------------------------------------

ROLES = ["viewer", "annotator", "reviewer", "manager", "exporter", "approver", "officer", "auditor"]
OF_VAULT = {"officer", "auditor"}


def check_members(data, project):
    return read_members(data, project)[:2]


def read_members(data, project):
    """The number of statements, names by key, and the lists."""
    cbor = Cbor(data, "members.cborseq")
    lists, count = {}, 0
    while cbor.more():
        count += 1
        what = f"members.cborseq record {count}"
        cbor.what = what
        record = cbor.item()
        demand(is_array(record, 2) and all(isinstance(r, bytes) for r in record), f"{what}: form")
        statement, signature = record
        s = one_item(statement, what)
        demand(is_array(s, 11) and s[0] == 1, f"{what}: another format")
        _, ident, vault, about, epoch, seq, previous, time, author, person, saying = s
        sound = is_id(ident) and is_id(vault) and is_uint(epoch) and is_uint(seq)
        demand(sound and is_digest(previous) and is_int(time) and is_id(person), f"{what}: form")
        demand(about is None or about == project, f"{what}: it belongs to another project")
        author = key_of(author, what)
        ed25519(author, b"vaultmark/membership/v1\x00" + statement, signature, what)
        empty = {"len": 0, "head": bytes(64), "epoch": 0, "people": {}, "keys": {}}
        empty |= {"hashes": [], "terms": [], "lists": {}, "heads": {}}
        known = lists.setdefault((vault, about), empty)
        follows = seq == known["len"] and previous == known["head"] and epoch >= known["epoch"]
        demand(follows, f"{what}: it does not follow its list")
        role = "officer" if about is None else "manager"
        grant = is_array(saying, 5) and saying[0] == 1
        adopts = is_array(saying, 3) and saying[0] == 3
        demand(grant or adopts or saying == [2], f"{what}: an unknown saying")
        if grant:
            _, name, signing, recipient, roles = saying
            signing = key_of(signing, what)
            demand(isinstance(name, str) and isinstance(recipient, str), f"{what}: form")
            ranks = [ROLES.index(r) if r in ROLES else -1 for r in roles]
            demand(-1 not in ranks and ascending(ranks), f"{what}: its roles")
            misplaced = any((r in OF_VAULT) != (about is None) for r in roles)
            demand(not misplaced, f"{what}: a role that is not held there")
        holds = lambda lst, wanted: any(
            key == author and wanted in held for _, key, held in lst["people"].values()
        )
        if seq == 0:
            demand(grant and signing == author and role in roles, f"{what}: it founds no list")
        else:
            officer = about is not None and (vault, None) in lists and holds(lists[vault, None], "officer")
            demand(holds(known, role) or officer, f"{what}: its author had no right to make it")
        if grant:
            owner = known["keys"].setdefault(signing, person)
            demand(owner == person, f"{what}: a key of another person")
            if person in known["people"]:
                known["terms"].append((seq, known["people"][person][1], []))
            known["people"][person] = (name, signing, roles)
            known["terms"].append((seq, signing, roles))
        elif adopts:
            sound = about is not None and is_heads(saying[1]) and is_heads(saying[2])
            demand(sound, f"{what}: what it adopts")
            known["lists"] |= {of: (place, digest) for of, place, digest in saying[1]}
            known["heads"] |= {of: (place, digest) for of, place, digest in saying[2]}
        else:
            demand(person in known["people"], f"{what}: it revokes a stranger")
            name, signing, _ = known["people"][person]
            known["people"][person] = (name, signing, [])
            known["terms"].append((seq, signing, []))
        known["hashes"].append(sha512(statement))
        known.update(len=seq + 1, head=sha512(statement), epoch=epoch)
    names = {}
    for (_, about), lst in sorted(lists.items(), key=lambda item: item[0][0]):
        if about is not None:
            for key, person in lst["keys"].items():
                names.setdefault(key, lst["people"][person][0])
    return count, names, {vault: lst for (vault, about), lst in lists.items() if about is not None}


MEDIA, LABELS, ANNOTATIONS = range(3)
PERMITS = {"annotator": {ANNOTATIONS}, "manager": {MEDIA, LABELS, ANNOTATIONS}}


def matter(subject, part):
    if subject == 0:
        return MEDIA if part in (0, 1) else ANNOTATIONS
    return LABELS if subject == 2 else ANNOTATIONS


class Rights:
    """Whether each Change was made by right: by the list of the vault `root`, or by another that it
    adopts."""

    def __init__(self, lists, root):
        demand(root in lists, "members.cborseq: no list of the vault that sends")
        self.lists, self.root, self.awaited = lists, root, dict(lists[root]["heads"])
        self.places = {
            digest: (vault, place)
            for vault, lst in lists.items() for place, digest in enumerate(lst["hashes"])
        }
        self.chains, self.copies = {}, {}
        for vault, (place, digest) in lists[root]["lists"].items():
            demand(self.places.get(digest) == (vault, place), "members.cborseq: what it adopts")

    def change(self, h, author, digest, what):
        replica, seq, named = h[4], h[5], h[8]
        demand(named in self.places, f"{what}: it names a statement that is not there")
        vault, place = self.places[named]
        if vault != self.root:
            own = self.lists[self.root]
            last, head = own["heads"].get(replica, (0, None))
            demand(vault in own["lists"] and place <= own["lists"][vault][0], f"{what}: not adopted")
            demand(seq < last or (seq, digest) == (last, head), f"{what}: not adopted")
            if seq == last:
                self.awaited.pop(replica, None)
        before, at = self.chains.get(replica, (vault, 0))
        demand(before == vault and at <= place, f"{what}: its statement goes back")
        self.chains[replica] = (vault, place)
        demand(self.copies.setdefault(vault, replica) == replica, f"{what}: a second chain of a vault")
        roles = []
        for seq, key, held in self.lists[vault]["terms"]:
            if key == author and seq <= place:
                roles = held
        permitted = set().union(*(PERMITS.get(role, set()) for role in roles))
        demand(permitted, f"{what}: its author had no right to change anything")
        return permitted

    def finish(self, what):
        demand(not self.awaited, f"{what}: a chain that was adopted is cut short")


def check_exporter(lists, vault, key):
    people = lists[vault]["people"].values() if vault in lists else []
    exports = any(signing == key and "exporter" in roles for _, signing, roles in people)
    demand(exports, "the creator's key is no exporter's")


# 4. All of it, in order -----------------------------------------------------------------------


def verify(path, signers):
    with open(path, "rb") as file:
        files = read_container(file.read())
    required = {*FRAME, TAGMANIFEST, CREATOR, README}
    demand(required <= files.keys(), f"missing: {sorted(required - files.keys())}")
    payload = sorted_names(name for name in files if name.startswith("data/"))
    outside = files.keys() - set(payload) - required - {APPROVER}
    demand(not outside, f"no part of a bundle: {sorted(outside)}")

    keys = {"creator": check_sshsig(files[CREATOR], "creator", files[TAGMANIFEST])}
    if APPROVER in files:
        keys["approver"] = check_sshsig(files[APPROVER], "approver", files[TAGMANIFEST])
        demand(keys["approver"] != keys["creator"], "creator and approver signed with one key")
    demand(files[TAGMANIFEST] == manifest(files, FRAME), "the tag manifest does not match")
    demand(files["bagit.txt"] == BAGIT, "bagit.txt is not exact")
    info = read_info(files["bag-info.txt"])
    demand(files["manifest-sha512.txt"] == manifest(files, payload), "the manifest does not match")
    oxum = f"{sum(len(files[name]) for name in payload)}.{len(payload)}"
    demand(info["Payload-Oxum"] == oxum, "Payload-Oxum does not match")
    demand(info["Vaultmark-Policy"] == "single" or "approver" in keys, "no second person approved")

    print(f"bundle {info['Bag-Group-Identifier']}, volume {info['Bag-Count']}, {oxum} bytes.files")
    for role, key in keys.items():
        namespace = f"vaultmark-bundle-{role}"
        known = [p for p, spaces, k in signers if k == key and (spaces is None or namespace in spaces)]
        print(f"{role} {fingerprint(key)} {known[0] if known else '(not in the trust list)'}")
        demand(known or not signers, f"the {role} is not in the trust list")
    project = bytes.fromhex(info["Vaultmark-Project"])
    names, lists = {}, {}
    if "data/provenance/members.cborseq" in files:
        count, names, lists = read_members(files["data/provenance/members.cborseq"], project)
        print(f"{count} statements of membership")
    if "data/provenance/changes.cborseq" in files:
        rights = Rights(lists, bytes.fromhex(info["Vaultmark-Vault"]))
        follows = info["Bag-Count"] == "1 of 1" and NATIVE in files
        state = State() if follows else None
        changes = files["data/provenance/changes.cborseq"]
        counts, authors = check_changes(changes, project, rights, state)
        print("{changes} changes, {shown} fields shown, {withheld} withheld".format(**counts))
        for key, changes in authors.items():
            print(f"  {changes} by {names.get(key, '(unknown)')} {fingerprint(key)}")
        if follows:
            check_exporter(lists, bytes.fromhex(info["Vaultmark-Vault"]), keys["creator"])
            check_follows(files, state, project)
        else:
            print("NOT COMPARED with the changes: labels, items, annotations, media")
    print("verified")


# 8. Test vector -------------------------------------------------------------------------------


def vectors(path):
    text = open(path, encoding="utf-8").read()
    block = re.search(r"```vectors\n(.*?)```", text, re.S)[1]
    v = {name: bytes.fromhex(value) for name, value in re.findall(r"(\S+) = ([0-9a-f]*)", block)}
    secret = Ed25519PrivateKey.from_private_bytes(v["seed"])
    public = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    demand(public == v["public"], "public")
    demand(leaf_digest(v["salt0"], v["field0"]) == v["leaf0"], "leaf0")
    demand(leaf_digest(v["salt1"], v["field1"]) == v["leaf1"], "leaf1")
    demand(merkle([v["leaf0"], v["leaf1"], v["leaf2"]]) == v["root"], "root")
    header = read_header(v["header"], "header")
    demand(header[15] == v["root"] and header[8] == sha512(v["statement"]), "header")
    demand(header[7] == [1, public], "header")
    demand(secret.sign(b"vaultmark/change/v1\x00" + v["header"]) == v["signature"], "signature")
    counts, _ = check_changes(v["record"], header[3])
    demand(counts == {"changes": 1, "shown": 2, "withheld": 1}, "record")
    statement = v["statement"]
    signature = secret.sign(b"vaultmark/membership/v1\x00" + statement)
    demand(signature == v["statement-signature"], "statement-signature")
    count, names = check_members(v["statement-record"], header[3])
    demand(count == 1 and public in names, "statement-record")
    demand(sha512(v["header"]) == v["header-hash"], "header-hash")
    print(f"{len(v)} vectors agree")


def main(arguments):
    try:
        if len(arguments) == 2 and arguments[0] == "--vectors":
            vectors(arguments[1])
        elif len(arguments) == 3 and arguments[1] == "--signers":
            verify(arguments[0], allowed_signers(arguments[2]))
        elif len(arguments) == 1:
            verify(arguments[0], [])
        else:
            print(__doc__)
            return 2
    except Refused as refusal:
        print(f"refused: {refusal}")
        return 1
    except (TypeError, ValueError, IndexError, KeyError, struct.error) as error:
        # A value of a type that its place does not have.
        print(f"refused: malformed ({error!r})")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
