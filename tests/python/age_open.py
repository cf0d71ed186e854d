"""Opens an age file (age-encryption.org/v1) with an X25519 identity, for vault_open.py.

Written from the public specification, so that no tool needs to be installed.
"""

import base64
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHUNK = 65536
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def checksum(values):
    """BIP 173's checksum."""
    sum_ = 1
    for value in values:
        top = sum_ >> 25
        sum_ = (sum_ & 0x1FFFFFF) << 5 ^ value
        for i, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            sum_ ^= part if top >> i & 1 else 0
    return sum_


def parts(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def secret(identity):
    """The 32 bytes of `AGE-SECRET-KEY-1…`."""
    prefix, _, rest = identity.strip().lower().rpartition("1")
    values = [LETTERS.index(c) for c in rest]
    if prefix != "age-secret-key-" or checksum(parts(prefix) + values) != 1:
        raise ValueError("it is no age identity")
    bits = 0
    for value in values[:-6]:
        bits = bits << 5 | value
    return (bits >> 4).to_bytes(32, "big")


def public(identity):
    key = X25519PrivateKey.from_private_bytes(secret(identity)).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def recipient(identity):
    """`age1…`, to whom others seal for this identity."""
    bits = int.from_bytes(public(identity), "big") << 4
    values = [bits >> 5 * place & 31 for place in range(51, -1, -1)]
    sum_ = checksum(parts("age") + values + [0] * 6) ^ 1
    values += [sum_ >> 5 * place & 31 for place in range(5, -1, -1)]
    return "age1" + "".join(LETTERS[v] for v in values)


def unpadded(text):
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def hkdf(key, salt, info):
    return HKDF(hashes.SHA256(), 32, salt or None, info).derive(key)


def open_age(sealed, identity):
    """The plaintext; ValueError where the file is not for this identity, or altered."""
    header, mark, rest = sealed.partition(b"\n--- ")
    mac, _, payload = rest.partition(b"\n")
    lines = header.split(b"\n")
    if not mark or lines[0] != b"age-encryption.org/v1":
        raise ValueError("it is no age file")
    private = X25519PrivateKey.from_private_bytes(secret(identity))
    file_key, at = None, 1
    while at < len(lines):
        arguments, body = lines[at].split(b" "), b""
        at += 1
        while at < len(lines) and not lines[at].startswith(b"-> "):
            body += lines[at]
            at += 1
        if arguments[:2] != [b"->", b"X25519"]:
            continue
        theirs = unpadded(arguments[2])
        shared = private.exchange(X25519PublicKey.from_public_bytes(theirs))
        salt = theirs + public(identity)
        wrapping = hkdf(shared, salt, b"age-encryption.org/v1/X25519")
        try:
            file_key = ChaCha20Poly1305(wrapping).decrypt(bytes(12), unpadded(body), None)
            break
        except InvalidTag:
            continue
    if file_key is None:
        raise ValueError("the age file is for somebody else")
    found = hmac.digest(hkdf(file_key, b"", b"header"), header + b"\n---", "sha256")
    if not hmac.compare_digest(found, unpadded(mac)):
        raise ValueError("the age file's header was altered")
    stream = ChaCha20Poly1305(hkdf(file_key, payload[:16], b"payload"))
    body, plain = payload[16:], b""
    count = max(1, -(-len(body) // (CHUNK + 16)))
    for number in range(count):
        nonce = number.to_bytes(11, "big") + (b"\1" if number == count - 1 else b"\0")
        chunk = body[number * (CHUNK + 16) : (number + 1) * (CHUNK + 16)]
        try:
            plain += stream.decrypt(nonce, chunk, None)
        except InvalidTag:
            raise ValueError("the age file was altered") from None
    return plain
