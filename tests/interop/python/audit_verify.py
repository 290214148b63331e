"""Verifies an audit log with an implementation of docs/audit-log.md that shares no code with ours.

    python3 audit_verify.py export.jsonl [--mac-keys keys.json]    verifies one exported log
    python3 audit_verify.py --vectors [docs/vectors/tlog.json]     checks the published vectors

Needs nothing but Python. An export has one JSON value a line: first the log, then its rows.

    {"log": "logs/acme", "row": {"size": …, "head": "hex", "last_logged_ns": …} or null,
     "signer": {"size": …, "head": "hex", "acknowledged": …, "alarms": […], "losses": […], "unacknowledged": […]} or null,
     "expectation": {"size": …, "head": "hex"} or null}
    {"entry_index": 0, "event_id": "uuid", "logged_us": …, "producer": …, "actor": …, "action": …, "resource": …,
     "outcome": …, "entry": "hex", "mac": "hex"}

Keys are {"1": "hex", …}: version to bytes. Without them an entry counts as sealed if the signer's head commits to it.
Prints the verdict and the findings. Status 0 intact, 1 tampered, 2 incomplete, 64 wrong use.
"""

import hashlib
import hmac
import json
import struct
import sys
import uuid
from bisect import bisect_right
from pathlib import Path

LABEL = b"strongroom/audit/entry/v1\0"
LONGEST_ENTRY = 48 * 1024
STATUS = {"INTACT": 0, "TAMPERED": 1, "INCOMPLETE": 2}
KINDS = (
    "CONTENT_CHANGED",
    "MAC_INVALID",
    "COLUMN_MISMATCH",
    "MISSING",
    "INSERTED",
    "REORDERED",
    "DUPLICATED",
    "TRUNCATED",
    "ROLLED_BACK",
    "FORKED",
    "EXPECTATION_FAILED",
)
COLUMNS = ("event_id", "logged_us", "producer", "actor", "action", "resource", "outcome")


class Malformed(Exception):
    """The bytes are no entry."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u64(number):
    return struct.pack(">Q", number)


def prefixed(data):
    return struct.pack(">I", len(data)) + data


def log_id(name):
    return sha256(b"strongroom/audit/log/v1\0", prefixed(name.encode()))[:16]


def genesis(name):
    return sha256(b"strongroom/audit/genesis/v1\0", log_id(name), prefixed(name.encode()))


def leaf_hash(entry):
    return sha256(b"\0", entry)


def chain_head(log, index, previous, leaf):
    return sha256(b"strongroom/audit/chain/v1\0", log, u64(index), previous, leaf)


def mac_is_valid(keys, log, index, head, mac):
    if len(mac) != 36:
        return False
    key = keys.get(struct.unpack(">I", mac[:4])[0])
    if key is None:
        return False
    made = hmac.new(key, b"strongroom/audit/mac/v1\0" + log + u64(index) + head, hashlib.sha256).digest()
    return hmac.compare_digest(made, mac[4:])


def root(leaves):
    """RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1", root(leaves[:middle]), root(leaves[middle:]))


def decode(data):
    """An entry's fields, in the order of its bytes."""
    if len(data) > LONGEST_ENTRY or not data.startswith(LABEL):
        raise Malformed
    at = len(LABEL)

    def take(length):
        nonlocal at
        if at + length > len(data):
            raise Malformed
        at += length
        return data[at - length : at]

    def text():
        try:
            return take(struct.unpack(">I", take(4))[0]).decode()
        except UnicodeDecodeError:
            raise Malformed from None

    entry = {"log_id": take(16), "index": struct.unpack(">Q", take(8))[0], "previous_head": take(32)}
    entry["event_id"] = str(uuid.UUID(bytes=take(16)))
    entry["producer"] = text()
    entry["time_ns"], entry["logged_ns"] = struct.unpack(">qq", take(16))
    for field in ("actor", "on_behalf_of", "action", "resource"):
        entry[field] = text()
    entry["outcome"] = take(1)[0]
    if not 1 <= entry["outcome"] <= 4:
        raise Malformed
    entry["purpose"], entry["reference"] = text(), text()
    boot, counter = take(16), struct.unpack(">Q", take(8))[0]
    if boot == bytes(16) and counter:
        raise Malformed
    entry["key_operation"] = None if boot == bytes(16) else {"boot": boot.hex(), "counter": counter}
    names = []
    entry["attributes"] = {}
    for _ in range(struct.unpack(">I", take(4))[0]):
        names.append(text().encode())
        entry["attributes"][names[-1].decode()] = text()
    if names != sorted(set(names)) or at != len(data):
        raise Malformed
    return entry


class Row:
    """A row of the table, and what its bytes say of themselves."""

    def __init__(self, log, values, keys):
        self.column = values["entry_index"]
        self.index = self.previous = self.head = None
        self.sealed, self.checked = False, keys is not None
        self.mac_valid, self.differs = True, ()
        data = bytes.fromhex(values["entry"].removeprefix("\\x"))
        try:
            entry = decode(data)
        except Malformed:
            return
        if entry["log_id"] != log:
            return
        self.index, self.previous, self.logged_ns = entry["index"], entry["previous_head"], entry["logged_ns"]
        self.head = chain_head(log, self.index, self.previous, leaf_hash(data))
        entry["logged_us"] = entry["logged_ns"] // 1000
        self.differs = tuple(name for name in COLUMNS if entry[name] != values[name])
        if keys is not None:
            mac = bytes.fromhex(values["mac"].removeprefix("\\x"))
            self.mac_valid = self.sealed = mac_is_valid(keys, log, self.index, self.head, mac)

    @property
    def shift(self):
        return self.column - self.index


class Verification:
    """One log. Unlike the service's own verifier it holds all rows in memory and looks at them one by one."""

    def __init__(self, export, rows, keys):
        self.name, self.row, self.signer = export["log"], export["row"], export["signer"]
        self.expectation = export.get("expectation")
        self.log = log_id(self.name)
        keys = keys if self.signer else None
        self.rows = sorted((Row(self.log, row, keys) for row in rows), key=lambda row: row.column)
        self.losses = self.signer["losses"] if self.signer else []
        self.findings = []
        self.covered = {index for loss in self.losses for index in range(loss["first_index"], loss["last_index"] + 1)}
        self.recovered = 0

    def find(self, kind, first, last=None, why=""):
        self.findings.append((kind, why, max(first, 0), max(first if last is None else last, 0)))

    def run(self):
        self.commit()
        self.order()
        self.links()
        self.in_order()
        self.out_of_order()
        self.wrong()
        self.index_columns()
        self.top = max(self.covered, default=-1) + 1
        for index in sorted(set(range(self.top)) - self.covered):
            self.find("MISSING", index)
        last = next((row for row in self.rows if row.usable and row.index == self.top - 1), None)
        self.top_row = last
        self.end()
        self.alarms()
        self.expected()
        return self.report()

    # What is sealed

    def commit(self):
        """A head commits to everything before it: what a sealed entry, or the signer, names as head is sealed too."""
        committed = {(row.index, row.previous) for row in self.rows if row.sealed}
        if self.signer:
            committed.add((self.signer["size"], bytes.fromhex(self.signer["head"])))
            committed |= {(loss["last_index"] + 1, bytes.fromhex(loss["head"])) for loss in self.losses}
        for row in sorted((row for row in self.rows if row.index is not None), key=lambda row: -row.index):
            if (row.index + 1, row.head) in committed:
                row.sealed = True
            if row.sealed:
                committed.add((row.index, row.previous))
        for row in self.rows:
            # Without keys, what is not proven is not refuted either.
            row.usable = row.sealed or (not row.checked and row.index is not None)
            row.role = "candidate" if row.usable else "wrong"

    # What is in order

    def order(self):
        """The longest selection of usable rows whose indices ascend, rows in their own place first."""
        rows = [row for row in self.rows if row.usable]
        keys, best, before = [-1], [(0, None)], {}
        for row in rows:
            at = bisect_right(keys, row.index - 1) - 1
            weight = best[at][0] + 1_000_000 + (row.shift == 0)
            before[row] = best[at][1]
            at = bisect_right(keys, row.index)
            if best[at - 1][0] >= weight:
                continue
            if keys[at - 1] == row.index:
                at -= 1
                del keys[at], best[at]
            while at < len(keys) and best[at][0] <= weight:
                del keys[at], best[at]
            keys.insert(at, row.index)
            best.insert(at, (weight, row))
        for row in rows:
            row.role = "displaced"
        row = best[-1][1]
        while row is not None:
            row.role = "in order"
            row = before[row]
        self.chosen = [row for row in self.rows if row.role == "in order"]
        self.moved_along()

    def moved_along(self):
        """Rows between where a displaced entry stands and where it belongs, that stand apart from those around."""
        for row in [row for row in self.rows if row.role == "displaced"]:
            lower = [other for other in self.chosen if other.index < row.index]
            upper = [other for other in self.chosen if other.index >= row.index]
            belongs = lower[-1].column + 1 if lower else 0
            if row.column < belongs:
                start, stop = row.column, upper[0].column if upper else float("inf")
            else:
                start, stop = belongs, row.column
            outside = [other.shift for other in self.chosen if other.column < start][-1:] or [0]
            after = [other.shift for other in self.chosen if other.column >= stop][:1] or outside
            if after == outside:
                for other in self.chosen:
                    if start <= other.column < stop and other.shift != outside[0]:
                        other.role = "moved"

    def links(self):
        """Entries that follow each other by index must follow each other by head."""
        heads = {0: genesis(self.name)}
        heads |= {loss["last_index"] + 1: bytes.fromhex(loss["head"]) for loss in self.losses}
        breaks = []
        for row in self.chosen:
            expected = heads.get(row.index)
            if expected is not None and expected != row.previous:
                if row.sealed:
                    self.find("FORKED", row.index)
                else:
                    breaks.append(row.index - 1)
            heads[row.index + 1] = row.head
        self.changed = set()
        for index in reversed(breaks):
            if index + 1 not in self.changed:
                self.changed.add(max(index, 0))
        for index in self.changed:
            self.find("CONTENT_CHANGED", index)
        at_end = heads.get(self.signer["size"]) if self.signer else None
        if at_end is not None and at_end.hex() != self.signer["head"]:
            self.find("FORKED", self.signer["size"] - 1)

    def in_order(self):
        for row in self.chosen:
            self.covered.add(row.index)
            if row.role == "moved":
                self.find("REORDERED", row.column)
            elif not row.mac_valid:
                self.find("MAC_INVALID", row.index, why="mac")
            elif row.differs and row.index not in self.changed:
                self.find("COLUMN_MISMATCH", row.index, why=str(row.differs))

    def out_of_order(self):
        for row in [row for row in self.rows if row.role == "displaced"]:
            self.find("DUPLICATED" if row.index in self.covered else "REORDERED", row.column)
            self.covered.add(row.index)

    # What is not sealed

    def wrong(self):
        size = self.signer["size"] if self.signer else (self.row or {"size": 0})["size"]
        limit = max([size, *(index + 1 for index in self.covered)])
        for at, row in enumerate(self.rows):
            if row.role != "wrong":
                continue
            before = [other.shift for other in self.rows[:at] if other.role == "in order"][-1:]
            after = [other.shift for other in self.rows[at:] if other.role == "in order"][:1]
            shifts = (before or [0]) + (after or before or [0])
            places = [row.column - shift for shift in shifts]
            place = next((place for place in places if 0 <= place < limit and place not in self.covered), None)
            row.stands_for = place
            if place is None:
                self.find("INSERTED", row.column)
                continue
            self.covered.add(place)
            self.find(*self.kind_of_change(at, row), place)

    def kind_of_change(self, at, row):
        following = self.rows[at + 1] if at + 1 < len(self.rows) else None
        preceding = self.rows[at - 1] if at else None
        if row.index is None:
            return ("CONTENT_CHANGED",)
        if following and (following.column, following.index) == (row.column + 1, row.index + 1):
            return ("MAC_INVALID",) if following.previous == row.head else ("CONTENT_CHANGED",)
        linked = preceding and preceding.role == "wrong" and preceding.head == row.previous
        return ("MAC_INVALID",) if linked else ("CONTENT_CHANGED",)

    def index_columns(self):
        """Rows in order whose index column is off by more than what was inserted and taken away explains."""
        shift, expected, extra, stand_ins = 0, 0, 0, 0
        run = None
        for row in self.rows:
            if row.role != "in order":
                replaced = getattr(row, "stands_for", None) is not None
                extra, stand_ins, run = extra + (not replaced), stand_ins + replaced, None
                continue
            if run and (row.column, row.index) == (run.column + 1, run.index + 1):
                off = run.off
            else:
                lacking = row.index - expected - stand_ins
                off = not min(extra - lacking, 0) <= row.shift - shift <= max(extra, 0)
            row.off, run = off, row
            if off:
                self.find("COLUMN_MISMATCH", row.index, why="entry_index")
                stand_ins += 1
            else:
                shift, expected, extra, stand_ins = row.shift, row.index + 1, 0, 0

    # The end

    def end(self):
        top, rows_end = self.top, max((row.column + 1 for row in self.rows), default=0)
        size, acknowledged = (self.signer["size"], self.signer["acknowledged"]) if self.signer else (0, 0)
        if self.row is None and not self.rows:
            if acknowledged:
                return self.find("TRUNCATED", 0, size - 1)
            stated = 0
        elif self.row is None:
            self.find("COLUMN_MISMATCH", 0, max(top, 1) - 1, "no row")
            stated = top
        else:
            stated = self.row["size"]
            while any(loss["first_index"] <= stated <= loss["last_index"] for loss in self.losses):
                stated += 1
            self.log_row()
        if stated < top:
            self.find("COLUMN_MISMATCH", stated, top - 1, "size")
        if size <= top:
            if stated > max(top, rows_end):
                self.find("TRUNCATED", top, stated - 1)
            return None
        if stated == top < acknowledged:
            return self.find("ROLLED_BACK", top, size - 1)
        cut = min(stated, size) if stated > top else top
        if cut > top:
            self.find("TRUNCATED", top, cut - 1)
        if cut < size:
            self.in_flight(cut, size, acknowledged)
        return None

    def in_flight(self, cut, size, acknowledged):
        """Exactly one whole segment at or above the acknowledged mark is sealed and not yet committed."""
        for segment in self.signer["unacknowledged"]:
            if segment["first_index"] == cut >= acknowledged and cut + len(segment["entries"]) == size:
                self.recovered = len(segment["entries"])
                return self.recover(segment, cut)
        return self.find("TRUNCATED", cut, size - 1)

    def recover(self, segment, cut):
        head = self.head_at(cut)
        if head is None or cut > self.top:
            return
        self.segment_heads = {}
        for index, data in enumerate(map(bytes.fromhex, segment["entries"]), cut):
            if decode(data)["previous_head"] != head:
                return self.find("FORKED", cut)
            head = self.segment_heads[index + 1] = chain_head(self.log, index, head, leaf_hash(data))

    def head_at(self, size):
        if size == 0:
            return genesis(self.name)
        for loss in self.losses:
            if loss["last_index"] + 1 == size:
                return bytes.fromhex(loss["head"])
        return next((row.head for row in self.rows if row.usable and row.index == size - 1), None)

    def log_row(self):
        size, last = self.row["size"], max(self.row["size"] - 1, 0)
        head = self.head_at(size) if size in (0, self.top) else None
        if head is not None and head.hex() != self.row["head"]:
            self.find("COLUMN_MISMATCH", last, why="logs.head")
        set_back = self.signer and self.signer["acknowledged"] > self.top
        if self.top_row and size == self.top and not set_back and self.top_row.logged_ns != self.row["last_logged_ns"]:
            self.find("COLUMN_MISMATCH", last, why="logs.last_logged_ns")

    def alarms(self):
        kinds = {"AHEAD": "FORKED", "FORKED": "FORKED", "ROLLED_BACK": "ROLLED_BACK", "SUPPRESSED": "INSERTED"}
        for alarm in self.signer["alarms"] if self.signer else []:
            at = alarm["first_index"]
            known = alarm["kind"] == "SUPPRESSED" and any(first <= at <= last for *_, first, last in self.findings)
            if not alarm["closed"] and not known:
                self.find(kinds[alarm["kind"]], at, why="alarm")

    def expected(self):
        if not self.expectation:
            return
        size, end = self.expectation["size"], self.top + self.recovered
        head = getattr(self, "segment_heads", {}).get(size) or self.head_at(size)
        if head is None and size > end:
            self.find("EXPECTATION_FAILED", end, size - 1)
        elif head is None or head.hex() != self.expectation["head"]:
            self.find("EXPECTATION_FAILED", size - 1)

    def report(self):
        joined = []
        for kind, why, first, last in sorted(self.findings):
            if joined and joined[-1][:2] == [kind, why] and first <= joined[-1][3] + 1:
                joined[-1][3] = max(last, joined[-1][3])
            else:
                joined.append([kind, why, first, last])
        findings = [[kind, first, last] for kind, _, first, last in joined]
        findings.sort(key=lambda found: (found[1], found[2], KINDS.index(found[0])))
        proven = self.signer and all(row.sealed for row in self.rows)
        verdict = "TAMPERED" if findings else "INTACT" if proven and not self.losses else "INCOMPLETE"
        head = next((row.head for row in reversed(self.rows) if row.head), genesis(self.name))
        return {
            "verdict": verdict,
            "entries": len(self.rows),
            "head": head.hex(),
            "recovered": self.recovered,
            "findings": findings,
        }


# A MAC is all that was changed: without keys nobody can tell.
NEEDS_KEYS = ("a mac changed",)


def check_vectors(path):
    vectors = json.loads(path.read_text())
    keys = {int(version): bytes.fromhex(key) for version, key in vectors["mac_keys"].items()}
    bad = []

    def same(what, got, wanted):
        if got != wanted:
            bad.append(f"{what}: {got} instead of {wanted}")

    for item in vectors["ids"]:
        same(item["log"], (log_id(item["log"]).hex(), genesis(item["log"]).hex()), (item["id"], item["genesis"]))
    for item in vectors["entries"]:
        data = bytes.fromhex(item["entry"])
        entry = decode(data)
        same("attributes", entry["attributes"], item["attributes"])
        for field, value in entry.items():
            value = value.hex() if isinstance(value, bytes) else value
            value = value.replace("-", "") if field == "event_id" else value
            same(field, value, item[field])
        head = chain_head(entry["log_id"], entry["index"], entry["previous_head"], leaf_hash(data))
        same("leaf and head", (leaf_hash(data).hex(), head.hex()), (item["leaf"], item["head"]))
        valid = mac_is_valid(keys, entry["log_id"], entry["index"], head, bytes.fromhex(item["mac"]))
        same("mac", valid, True)
    for item in vectors["entries_refused"]:
        try:
            decode(bytes.fromhex(item["entry"]))
            bad.append(f"an entry was taken: {item['why']}")
        except Malformed:
            pass
    for item in vectors["trees"]:
        leaves = [leaf_hash(u64(leaf)) for leaf in range(item["size"])]
        same("root", root(leaves).hex(), item["root"])
        ends = [bit for bit in reversed(range(64)) if item["size"] >> bit & 1]
        parts, at = [], 0
        for bit in ends:
            parts.append(root(leaves[at : at + (1 << bit)]).hex())
            at += 1 << bit
        same("compact range", parts, item["compact_range"])
    for item in vectors["logs"]:
        rows = [vectors["table"][row] for row in item["rows"]]
        same(item["name"], Verification(item, rows, keys).run(), item["report"])
        if item["name"] not in NEEDS_KEYS:
            verdict = Verification(item, rows, None).run()["verdict"]
            same(f"{item['name']}, without keys", verdict == "TAMPERED", item["report"]["verdict"] == "TAMPERED")
    counts = [len(vectors[name]) for name in ("ids", "entries", "entries_refused", "trees", "logs")]
    if any(count < least for count, least in zip(counts, (3, 3, 6, 10, 32))):
        bad.append(f"fewer vectors than there were: {counts}")
    for line in bad:
        print(line)
    print(f"{len(bad)} of {sum(counts)} vectors differ")
    return 1 if bad else 0


def main(arguments):
    if arguments and arguments[0] == "--vectors":
        default = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "tlog.json"
        return check_vectors(Path(arguments[1]) if len(arguments) > 1 else default)
    if len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--mac-keys"):
        print(__doc__)
        return 64
    keys = None
    if len(arguments) == 3:
        keys = {int(version): bytes.fromhex(key) for version, key in json.loads(Path(arguments[2]).read_text()).items()}
    export, *rows = (json.loads(line) for line in Path(arguments[0]).read_text().splitlines() if line.strip())
    report = Verification(export, rows, keys).run()
    print(f"{export['log']}: {report['verdict']}, {report['entries']} entries, {report['recovered']} recovered")
    for kind, first, last in report["findings"]:
        print(f"{kind} {first}..{last}")
    return STATUS[report["verdict"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
