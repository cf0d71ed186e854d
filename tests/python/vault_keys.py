"""Prints the keys of a vault, for a search after them, written from docs-offline/vault-format.md.

    vault_keys.py VAULT NAME PASSPHRASE_FILE

One line a key: what it is, and its bytes in hexadecimal, each byte exclusive-or'ed with 0x5a: what
this prints can be held by the process that is searched without being what is searched for.
"""

import os
import sys

from vault_blob import expand
from vault_open import database, project_key, read_header, read_slot


def show(name, key):
    print(name, bytes(b ^ 0x5A for b in key).hex())


def main(folder, login, passphrase_file):
    header = read_header(folder)
    passphrase = open(passphrase_file, encoding="utf-8").readline().rstrip("\r\n")
    slot = read_slot(folder, header, login, passphrase)
    show("signing-seed", slot["seed"])
    show("identity", slot["identity"].encode() if isinstance(slot["identity"], str) else slot["identity"])
    show("vault-key", slot["vault_key"])
    key = expand(slot["vault_key"], b"vault/directory", header["vault"])
    show("directory-key", key)
    directory = database(os.path.join(folder, "directory.db"), key)
    for (project,) in directory.execute("SELECT id FROM project"):
        key = project_key(directory, project, slot["identity"])[0]
        show("project-key", key)
        key = expand(key, b"vaultmark/project/database/v1", project)
        show("database-key", key)
        place = os.path.join(folder, "projects", project.hex(), "project.db")
        for (blob,) in database(place, key).execute("SELECT key FROM blob"):
            show("blob-key", blob)


if __name__ == "__main__":
    main(*sys.argv[1:])
