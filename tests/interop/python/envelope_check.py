"""Checks docs/vectors/envelope.json with an implementation of docs/envelope-format.md that shares no code with ours.

    python3 envelope_check.py [path to envelope.json]

Needs the package "cryptography" (requirements.txt). Ends with status 0 only if every vector is made, opened or refused
as the file says, and if the file has at least as many vectors as when this was written.
"""

import hmac
import json
import struct
import sys
import uuid
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

AT_LEAST = {
    "contexts": 3,
    "subkeys": 2,
    "wrapped_keys": 3,
    "wrapped_keys_refused": 7,
    "paddings": 18,
    "records": 3,
    "records_refused": 9,
    "stored_columns": 1,
    "fingerprints": 1,
}


class Refused(Exception):
    """The bytes do not open."""


def part(value):
    return struct.pack(">I", len(value)) + value


def optional(value):
    return part(b"\x00" if value is None else b"\x01" + value)


def expand(prk, info, length):
    return HKDFExpand(SHA256(), length, info).derive(prk)


def canonical(label, *parts):
    return label.encode() + b"\x00" + b"".join(part(value) for value in parts)


def context_bytes(pairs):
    items = sorted((key.encode(), value.encode()) for key, value in pairs.items())
    return canonical("strongroom/context/v1", *(text for item in items for text in item))


# Committed sealing: a key, a nonce and a commitment from a PRK and a salt.


def committed(prk, label, salt):
    okm = expand(prk, label.encode() + b"\x00" + salt, 76)
    return AESGCM(okm[:32]), okm[32:44], okm[44:]


def committed_seal(prk, label, head, salt, bound, plaintext):
    aead, nonce, commitment = committed(prk, label, salt)
    head += salt + commitment
    return head + aead.encrypt(nonce, plaintext, head + bound)


def committed_open(prk, label, head_length, sealed, bound):
    salt, given = sealed[head_length : head_length + 32], sealed[head_length + 32 : head_length + 64]
    aead, nonce, commitment = committed(prk, label, salt)
    if not hmac.compare_digest(commitment, given):
        raise Refused
    head = sealed[: head_length + 64]
    return opened(aead, nonce, sealed[len(head) :], head + bound)


def opened(aead, nonce, ciphertext, aad):
    try:
        return aead.decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError) as error:
        raise Refused from error


# Wrapped data keys.


def wrap_inputs(vector):
    material, subject_key = bytes.fromhex(vector["material"]), vector["subject_key"]
    if subject_key is None:
        suite, prk = 1, material
    else:
        # HKDF-Extract is HMAC with the salt as its key (RFC 5869, section 2.2).
        suite, prk = 2, hmac.new(material, bytes.fromhex(subject_key), sha256).digest()
    head = bytes([1, suite]) + uuid.UUID(vector["key_uid"]).bytes + struct.pack(">I", vector["version"])
    head += bytes.fromhex(vector["birth_mark"])
    return prk, head, context_bytes(vector["context"])


def wrap(vector):
    prk, head, bound = wrap_inputs(vector)
    salt, data_key = bytes.fromhex(vector["salt"]), bytes.fromhex(vector["data_key"])
    return committed_seal(prk, "strongroom/wrap/v1", head, salt, bound, data_key)


def unwrap(vector):
    prk, head, bound = wrap_inputs(vector)
    wrapped = bytes.fromhex(vector["wrapped"])
    if len(wrapped) != 142 or wrapped[:30] != head:
        raise Refused
    return committed_open(prk, "strongroom/wrap/v1", 30, wrapped, bound)


# Records.


def nonce(ordinal):
    return bytes(8) + struct.pack(">I", ordinal)


def record_aads(vector, names):
    name, uid = vector["name"].encode(), uuid.UUID(vector["uid"]).bytes
    revision = struct.pack(">Q", int(vector["revision"]))
    subject, expire = vector["subject"], vector["expire_time"]
    manifest = canonical(
        "strongroom/manifest/v1",
        uuid.UUID(vector["tenant_uid"]).bytes,
        uuid.UUID(vector["collection_uid"]).bytes,
        name,
        uid,
        revision,
        struct.pack(">I", len(names)),
        *names,
    )
    manifest += optional(None if subject is None else subject.encode())
    manifest += part(struct.pack(">q", int(vector["create_time"])))
    manifest += part(struct.pack(">q", int(vector["update_time"])))
    manifest += optional(None if expire is None else struct.pack(">q", int(expire)))
    return manifest, [canonical("strongroom/field/v1", name, uid, revision, field) for field in names]


def padded(value):
    step = max(32, 1 << max(0, (max(len(value), 1) - 1).bit_length() - 4))
    return value + b" " * (-max(len(value), 1) % step + (0 if value else 1))


def seal_record(vector):
    fields = sorted((name.encode(), bytes.fromhex(value)) for name, value in vector["fields"].items())
    manifest, aads = record_aads(vector, [name for name, _ in fields])
    aead = AESGCM(bytes.fromhex(vector["data_key"]))
    out = b"\x01" + struct.pack(">I", len(fields)) + aead.encrypt(nonce(0), b"", manifest)
    for ordinal, ((name, value), aad) in enumerate(zip(fields, aads), start=1):
        out += part(name) + part(aead.encrypt(nonce(ordinal), padded(value), aad))
    return out


def parse_record(sealed):
    if len(sealed) < 21 or sealed[0] != 1:
        raise Refused
    parts, at = [], 21
    while at < len(sealed):
        if at + 4 > len(sealed):
            raise Refused
        (length,) = struct.unpack_from(">I", sealed, at)
        if at + 4 + length > len(sealed):
            raise Refused
        parts.append(sealed[at + 4 : at + 4 + length])
        at += 4 + length
    names, ciphertexts = parts[0::2], parts[1::2]
    (count,) = struct.unpack_from(">I", sealed, 1)
    rising = all(first < second for first, second in zip(names, names[1:]))
    if not (len(names) == len(ciphertexts) == count) or not rising:
        raise Refused
    return sealed[5:21], names, ciphertexts


def open_record(vector):
    tag, names, ciphertexts = parse_record(bytes.fromhex(vector["sealed"]))
    manifest, aads = record_aads(vector, names)
    aead = AESGCM(bytes.fromhex(vector["data_key"]))
    opened(aead, nonce(0), tag, manifest)
    fields = enumerate(zip(names, ciphertexts, aads), start=1)
    values = {name.decode(): opened(aead, nonce(n), ciphertext, aad) for n, (name, ciphertext, aad) in fields}
    return {name: value.rstrip(b" ").hex() for name, value in values.items()}


# Columns, HMACs, subkeys.


def seal_column(vector):
    parts = [bytes.fromhex(value) for value in vector["parts"]]
    bound = canonical("strongroom/column/v1", vector["table"].encode(), vector["column"].encode(), *parts)
    root, salt = bytes.fromhex(vector["root"]), bytes.fromhex(vector["salt"])
    sealed = committed_seal(root, "strongroom/stored/v1", b"\x01", salt, bound, bytes.fromhex(vector["plaintext"]))
    assert committed_open(root, "strongroom/stored/v1", 1, sealed, bound).hex() == vector["plaintext"]
    return sealed


def mac(key, label, *parts):
    return hmac.new(bytes.fromhex(key), canonical(label, *parts), sha256).digest()


def fingerprint(vector):
    return mac(vector["key"], "strongroom/fingerprint/v1", *(bytes.fromhex(value) for value in vector["parts"]))


def subkey(vector):
    info = vector["label"].encode() + b"\x00"
    return expand(bytes.fromhex(vector["prk"]), info, len(vector["subkey"]) // 2)


def is_refused(open_vector, vector):
    try:
        open_vector(vector)
    except Refused:
        return True
    return False


CHECKS = {
    "contexts": lambda v: context_bytes(v["pairs"]).hex() == v["canonical"],
    "subkeys": lambda v: subkey(v).hex() == v["subkey"],
    "wrapped_keys": lambda v: wrap(v).hex() == v["wrapped"] and unwrap(v).hex() == v["data_key"],
    "wrapped_keys_refused": lambda v: is_refused(unwrap, v),
    "paddings": lambda v: len(padded(b"1" * v["length"])) == v["padded"],
    "records": lambda v: seal_record(v).hex() == v["sealed"] and open_record(v) == v["fields"],
    "records_refused": lambda v: is_refused(open_record, v),
    "stored_columns": lambda v: seal_column(v).hex() == v["sealed"],
    "fingerprints": lambda v: fingerprint(v).hex() == v["fingerprint"],
}


def main():
    default = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "envelope.json"
    vectors = json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else default).read_text(encoding="utf-8"))
    failures = [f"unknown list {name}" for name in vectors if name not in CHECKS and name != "about"]
    total = 0
    for name, check in CHECKS.items():
        found = vectors.get(name, [])
        if len(found) < AT_LEAST[name]:
            failures.append(f"{name}: {len(found)} vectors, at least {AT_LEAST[name]} expected")
        for index, vector in enumerate(found):
            total += 1
            if not check(vector):
                failures.append(f"{name}[{index}] {vector.get('what', '')}")
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"envelope: {total} vectors, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
