"""Checks docs/vectors/rows.json with an implementation of docs/envelope-format.md that shares no code with ours.

    python3 rows_check.py [path to rows.json]

Ends with status 0 only if every HMAC is the one in the file, and if the file has at least as many as when this was written.
"""

import hmac
import json
import struct
import sys
from hashlib import sha256
from pathlib import Path

AT_LEAST = 3


def part(value):
    return struct.pack(">I", len(value)) + value


def encoded(value):
    """A value as the HMAC covers it; nothing for NULL."""
    if value is None:
        return b""
    ((kind, content),) = value.items()
    if kind == "integer":
        return b"\x01" + struct.pack(">q", int(content))
    if kind == "bytes":
        return b"\x02" + bytes.fromhex(content)
    if kind == "time":
        return b"\x03" + struct.pack(">q", int(content))
    if kind == "array":
        return b"\x04" + b"".join(part(encoded(element)) for element in content)
    raise ValueError(f"unknown kind {kind}")


def row_mac(vector):
    head = b"\x01" + struct.pack(">I", vector["key_version"])
    message = head + b"strongroom/row/v1\x00" + part(vector["table"].encode())
    for name, value in sorted((name.encode(), value) for name, value in vector["columns"].items()):
        message += part(name) + part(encoded(value))
    return head + hmac.new(bytes.fromhex(vector["key"]), message, sha256).digest()


def main():
    default = Path(__file__).resolve().parents[3] / "docs/vectors/rows.json"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    rows = json.loads(path.read_text())["rows"]
    wrong = [vector["what"] for vector in rows if row_mac(vector).hex() != vector["row_mac"]]
    for what in wrong:
        print(f"another HMAC: {what}")
    if len(rows) < AT_LEAST:
        print(f"only {len(rows)} rows")
    if wrong or len(rows) < AT_LEAST:
        sys.exit(1)
    print(f"{len(rows)} HMACs of rows are as published")


if __name__ == "__main__":
    main()
