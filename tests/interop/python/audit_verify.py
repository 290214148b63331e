"""Verifies an audit log with an implementation of docs/audit-log.md that shares no code with ours.

    python3 audit_verify.py export.jsonl [--mac-keys keys.json]    verifies one exported log
    python3 audit_verify.py --vectors [docs/vectors/tlog.json]     checks the published vectors
    python3 audit_verify.py --logs FILE                            checks the reports of the logs in a file of such vectors

Needs nothing but Python. An export has one JSON value a line: first the log, then its rows.

    {"log": "logs/acme", "row": {"size": …, "head": "hex", "last_logged_ns": …} or null,
     "signer": {"size": …, "head": "hex", "root": "hex", "macs_digest": "hex", "acknowledged": …, "alarms": […],
                "alarms_in_all": …, "unlisted_last_index": … or null, "losses": […], "unacknowledged": […]} or null,
     "later": the size that the signer gives when it is asked again, or null,
     "expectation": {"size": …, "head": "hex"} or null, "since": the same or null}
    {"entry_index": 0, "event_id": "uuid", "logged_us": …, "producer": …, "actor": …, "action": …, "resource": …,
     "outcome": …, "key_boot": …, "key_counter": …, "entry": "hex", "mac": "hex"}

Keys are [{"number": 1, "birth_mark": "hex", "key": "hex"}]. Without them no MAC is checked, as if the signer did not answer.
Prints the verdict and the findings. Status 0 intact, 1 tampered, 2 incomplete or with alarms, 64 wrong use.

How it goes about it. The service's verifier follows the chain forwards, row by row, in constant memory. This one holds all
rows, and goes backwards: from the heads that the signer states, each sealed entry names the one before it. Then it asks of each
row, and of each index, what the page says.
"""

import hashlib
import hmac
import json
import struct
import sys
import uuid
from pathlib import Path

LABEL = b"strongroom/audit/entry/v1\0"
LONGEST_ENTRY = 48 * 1024
STATUS = {"INTACT": 0, "TAMPERED": 1, "INCOMPLETE": 2, "INTACT_WITH_ALARMS": 2}
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
    "AHEAD",
    "EXPECTATION_FAILED",
)
COLUMNS = ("event_id", "logged_us", "producer", "actor", "action", "resource", "outcome", "key_boot", "key_counter")
ALARMS = {"AHEAD": "AHEAD", "FORKED": "FORKED", "ROLLED_BACK": "ROLLED_BACK", "SUPPRESSED": "INSERTED"}


class Malformed(Exception):
    """The bytes are not what they should be."""


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


def made_by(keys, mac, message):
    """True, False, or None where the named version of the key is not among them."""
    if len(mac) != 44:
        return False
    key = keys.get(mac[:12])
    if key is None:
        return None
    return hmac.compare_digest(hmac.new(key, message, hashlib.sha256).digest(), mac[12:])


def mac_verdict(keys, log, index, head, mac):
    return made_by(keys, mac, b"strongroom/audit/mac/v1\0" + log + u64(index) + head)


def read_keys(listed):
    return {
        struct.pack(">I", key["number"]) + bytes.fromhex(key["birth_mark"]): bytes.fromhex(key["key"]) for key in listed
    }


def root(leaves):
    """RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1", root(leaves[:middle]), root(leaves[middle:]))


def root_behind(size, subtrees, leaves):
    """Root of a tree of which the first `size` leaves are known as the roots of their full subtrees, largest first."""
    widths = [1 << bit for bit in reversed(range(64)) if size >> bit & 1]
    stack = list(zip(widths, subtrees))
    for leaf in leaves:
        node = (1, leaf)
        while stack and stack[-1][0] == node[0]:
            width, left = stack.pop()
            node = (2 * width, sha256(b"\1", left, node[1]))
        stack.append(node)
    total = stack.pop()[1] if stack else sha256()
    while stack:
        total = sha256(b"\1", stack.pop()[1], total)
    return total


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        self.at += length
        if self.at > len(self.data):
            raise Malformed
        return self.data[self.at - length : self.at]

    def number(self, form=">Q"):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def part(self):
        return self.take(self.number(">I"))

    def text(self):
        try:
            return self.part().decode()
        except UnicodeDecodeError:
            raise Malformed from None

    def end(self):
        if self.at != len(self.data):
            raise Malformed


def decode(data):
    """An entry's fields, in the order of its bytes."""
    if len(data) > LONGEST_ENTRY or not data.startswith(LABEL):
        raise Malformed
    reader = Reader(data)
    reader.take(len(LABEL))
    entry = {"log_id": reader.take(16), "index": reader.number(), "previous_head": reader.take(32)}
    entry["event_id"] = str(uuid.UUID(bytes=reader.take(16)))
    entry["producer"] = reader.text()
    entry["time_ns"], entry["logged_ns"] = reader.number(">q"), reader.number(">q")
    for field in ("actor", "on_behalf_of", "action", "resource"):
        entry[field] = reader.text()
    entry["outcome"] = reader.number(">B")
    entry["purpose"], entry["reference"] = reader.text(), reader.text()
    boot, counter = reader.take(16), reader.number()
    entry["key_operation"] = None if boot == bytes(16) else {"boot": boot.hex(), "counter": counter}
    attributes = [(reader.text(), reader.text()) for _ in range(reader.number(">I"))]
    entry["attributes"] = dict(attributes)
    names = [name.encode() for name, _ in attributes]
    body = reader.part()
    reader.end()
    entry["body"] = None
    if body:
        content = Reader(body)
        entry["body"] = {"kind": content.text(), "content": body[content.at :].hex()}
    too_large = max(entry["index"], counter) >= 1 << 63
    if too_large or entry["outcome"] == 0 or (boot == bytes(16) and counter) or names != sorted(set(names)):
        raise Malformed
    return entry


def derived(entry):
    """What the columns must say."""
    operation = entry["key_operation"]
    return entry | {
        "logged_us": entry["logged_ns"] // 1000,
        "key_boot": operation and str(uuid.UUID(operation["boot"])),
        "key_counter": operation and operation["counter"],
    }


def merged(ranges):
    """The same indices in as few ranges as there can be."""
    joined = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(last, joined[-1][1])
        else:
            joined.append([first, last])
    return joined


def follows(before, row):
    """Whether a row follows another by column, index and head."""
    place = (row.column, row.index, row.previous)
    return before and before.index is not None and place == (before.column + 1, before.index + 1, before.head)


class Row:
    """A row of the table, and what its bytes say of themselves."""

    def __init__(self, log, values, keys):
        self.column = values["entry_index"]
        self.index = self.previous = self.head = None
        self.sealed = self.open = False
        self.differs, self.mac_is = [], None
        self.mac = bytes.fromhex(values["mac"].removeprefix("\\x"))
        data = bytes.fromhex(values["entry"].removeprefix("\\x"))
        try:
            entry = derived(decode(data))
        except Malformed:
            return
        if entry["log_id"] != log:
            return
        self.index, self.previous, self.time = entry["index"], entry["previous_head"], entry["logged_ns"]
        self.leaf = leaf_hash(data)
        self.head = chain_head(log, self.index, self.previous, self.leaf)
        # The two columns of a key operation count as one.
        differ = (name for name in COLUMNS if entry[name] != values[name])
        self.differs = sorted({name.replace("key_counter", "key_boot") for name in differ})
        if keys is not None:
            self.mac_is = mac_verdict(keys, log, self.index, self.head, self.mac)
        elif len(self.mac) != 44:
            self.mac_is = False


def last_segment(signer):
    """The signer's last segment, if it is unacknowledged, as a list."""
    kept = signer["unacknowledged"]
    return [one for one in kept if one["first_index"] + len(one["entries"]) == signer["size"]][:1]


def before_last(signer):
    """Size and head before that segment, as its first entry names them, as a list."""
    try:
        kept = last_segment(signer)
        return [(one["first_index"], decode(bytes.fromhex(one["entries"][0]))["previous_head"]) for one in kept]
    except (Malformed, IndexError):
        return []


class Verification:
    def __init__(self, export, rows, keys):
        self.name, self.row, self.signer = export["log"], export["row"], export["signer"]
        self.later, self.expectation, self.since = export.get("later"), export.get("expectation"), export.get("since")
        self.log = log_id(self.name)
        self.rows = sorted((Row(self.log, row, keys) for row in rows), key=lambda row: row.column)
        if not self.signer:
            for row in self.rows:
                row.mac_is = True
        self.start = (self.since["size"], bytes.fromhex(self.since["head"])) if self.since else (0, genesis(self.name))
        self.losses = self.signer["losses"] if self.signer else []
        self.lost = {index for loss in self.losses for index in range(loss["first_index"], loss["last_index"] + 1)}
        self.stated = [(loss["last_index"] + 1, bytes.fromhex(loss["head"])) for loss in self.losses]
        if self.signer:
            self.stated += before_last(self.signer)
            self.stated.append((self.signer["size"], bytes.fromhex(self.signer["head"])))
        alarms = self.signer["alarms"] if self.signer else []
        advanced = [alarm for alarm in alarms if alarm["kind"] == "ADVANCED" and alarm["head"]]
        self.advanced = [(alarm["first_index"], alarm["head"]) for alarm in advanced]
        self.found, self.unchecked, self.recovered, self.flight = [], [], 0, []

    def find(self, kind, first, last=None, why=""):
        self.found.append((kind, why, max(first, 0), max(first if last is None else last, 0)))

    def run(self):
        self.what_is_sealed()
        self.what_stands_where()
        self.what_is_wrong()
        at = self.start[0]
        for index in sorted(self.lost | self.home.keys() | self.away.keys() | self.replaced):
            if index > at:
                self.find("MISSING", at, index - 1)
            at = max(at, index + 1)
        self.top = at
        self.how_rows_follow()
        self.the_end()
        self.what_is_proven()
        self.what_the_signer_adds()
        self.what_was_expected()
        return self.report()

    # Rows: sealed, open, wrong

    def sizes_stated(self):
        """Sizes of which somebody states a head."""
        known = (known["size"] for known in (self.row, self.since, self.expectation) if known)
        return {*known, *(size for size, _ in [*self.stated, *self.advanced])}

    def stretches(self):
        """Rows with one answer about their MACs that follow each other by column, index, head and time."""
        cuts, stretches, before = self.sizes_stated(), [], None
        for row in self.rows:
            if row.index is None:
                before = None
                continue
            if follows(before, row) and before.mac_is == row.mac_is and before.time <= row.time and row.index not in cuts:
                stretches[-1].append(row)
            else:
                stretches.append([row])
            before = row
        return stretches

    def what_is_sealed(self):
        stretches, denied = self.stretches(), set()
        named = {self.start, *self.stated}
        named |= {(first.index, first.previous) for first, *_ in stretches if first.mac_is}
        sizes = {size for size, _ in named}
        # From the highest index down: who is named names the one before.
        for stretch in sorted(stretches, key=lambda stretch: -stretch[-1].index):
            first, last = stretch[0], stretch[-1]
            is_named = (last.index + 1, last.head) in named
            contradicted = last.index + 1 in sizes or (last.column + 1, last.index + 1, last.head) in denied
            if is_named:
                named.add((first.index, first.previous))
                sizes.add(first.index)
            elif first.mac_is is None and contradicted:
                denied.add((first.column, first.index, first.previous))
            for row in stretch:
                row.sealed = is_named or bool(row.mac_is)
                row.open = not row.sealed and row.mac_is is None and not contradicted
        self.held = [row for row in self.rows if row.sealed or row.open]

    # Places

    def what_stands_where(self):
        self.home, self.away, copies = {}, {}, []
        for row in self.held:
            if row.column == row.index:
                if row.index in self.home:
                    copies.append(row)
                else:
                    self.home[row.index] = row
        for row in self.held:
            if row.column != row.index:
                if row.index in self.home or row.index in self.away or row.index < self.start[0]:
                    copies.append(row)
                else:
                    self.away[row.index] = row
        for row in copies:
            # Copies that follow each other are one range.
            self.find("DUPLICATED", row.column, why=str(row.column - row.index))
        standing = [row for row in self.held if row not in copies]
        for row in standing:
            if row.column == row.index:
                continue
            earlier = [other for other in standing if other.column < row.column]
            behind = [other for other in standing if other.column > row.column]
            if any(other.index > row.index for other in earlier) or any(other.index < row.index for other in behind):
                self.find("REORDERED", row.column)
            else:
                self.find("COLUMN_MISMATCH", row.index, why="entry_index")
        for index, row in self.home.items():
            if row.sealed and row.mac_is is False and self.signer:
                self.find("MAC_INVALID", index, why="mac")
            elif row.differs:
                self.find("COLUMN_MISMATCH", index, why=str(row.differs))

    def what_is_wrong(self):
        size = self.signer["size"] if self.signer else (self.row or {"size": 0})["size"]
        limit = max([size, self.start[0], *(index + 1 for index in [*self.home, *self.away, *self.lost])])
        taken = self.lost | self.home.keys() | self.away.keys() | set(range(self.start[0]))
        self.replaced = set()
        for at, row in enumerate(self.rows):
            if row in self.held:
                continue
            if row.column < 0 or row.column >= limit or row.column in taken:
                self.find("INSERTED", row.column)
                continue
            taken.add(row.column)
            self.replaced.add(row.column)
            before = self.rows[at - 1] if at else None
            after = self.rows[at + 1] if at + 1 < len(self.rows) else None
            self.find(self.change(before, row, after), row.column)

    def change(self, before, row, after):
        if row.index is None:
            return "CONTENT_CHANGED"
        if after and (after.column, after.index) == (row.column + 1, row.index + 1):
            return "MAC_INVALID" if after.previous == row.head else "CONTENT_CHANGED"
        linked = before and before not in self.held and follows(before, row)
        return "MAC_INVALID" if linked else "CONTENT_CHANGED"

    # Links and times

    def how_rows_follow(self):
        size, head = self.start
        broken, before = [], None
        for row in self.held:
            stated = [head for at, head in self.stated if at == row.index]
            expected = [head] if row.index == size else stated
            if expected and expected[0] != row.previous:
                broken.append(row.index)
            size, head = row.index + 1, row.head
            if before and before.index < row.index and row.time < before.time:
                self.find("FORKED", row.index, why="time")
            before = row
        for index in broken:
            if self.since and index == self.start[0]:
                self.find("EXPECTATION_FAILED", index, why="start")
            elif self.signer:
                self.find("FORKED", index, why="link")
            elif index - 1 in broken:
                self.find("CONTENT_CHANGED", index - 1)
            elif index + 1 not in broken:
                self.find("CONTENT_CHANGED", index - 1)
        row = self.row_to(self.signer["size"]) if self.signer else None
        if row and row.head.hex() != self.signer["head"]:
            self.find("FORKED", row.index, why="head")
        for size, head in self.advanced:
            self.brought_forward(size, head)

    def brought_forward(self, size, before):
        """Rows must lead to the head from which an operator's word brought the signer forward."""
        row, head = self.row_to(size), self.head_at(size)
        if size < self.start[0] or (row and row.open) or (head is None and size - 1 in self.lost):
            return
        if head is None or head.hex() != before:
            self.find("FORKED", size - 1, why="brought forward" if head else "brought forward from nowhere")

    def row_to(self, size):
        """The row that leads to that size: a sealed one rather than an open one."""
        return min((row for row in self.held if row.index == size - 1), key=lambda row: row.open, default=None)

    def head_at(self, size):
        """Head at that size, as rows or losses have it."""
        row = self.row_to(size)
        if size == self.start[0]:
            return self.start[1]
        if row:
            return row.head
        behind = [loss for loss in self.losses if loss["last_index"] + 1 == size]
        return bytes.fromhex(behind[0]["head"]) if behind else None

    # The end

    def the_end(self):
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
            while stated in self.lost:
                stated += 1
            self.log_row(acknowledged)
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
            whole = [one for one in last_segment(self.signer) if one["first_index"] == cut >= acknowledged]
            if not whole:
                return self.find("TRUNCATED", cut, size - 1)
            self.recovered = size - cut
            if cut == top:
                self.in_flight(whole[0])
        return None

    def in_flight(self, segment):
        index, head = segment["first_index"], self.head_at(segment["first_index"])
        if head is None:
            return
        flight, events, time = [], set(), None
        for entry, mac in zip(segment["entries"], segment["macs"]):
            data = bytes.fromhex(entry)
            try:
                fields = decode(data)
            except Malformed:
                break
            place = (fields["log_id"], fields["index"], fields["previous_head"])
            event, back = (fields["producer"], fields["event_id"]), time is not None and fields["logged_ns"] < time
            if place != (self.log, index, head) or event in events or back:
                break
            events.add(event)
            time, leaf = fields["logged_ns"], leaf_hash(data)
            head = chain_head(self.log, index, head, leaf)
            index += 1
            flight.append((index, head, leaf, bytes.fromhex(mac)))
        if len(flight) == len(segment["entries"]) and head.hex() == segment["head"]:
            self.flight = flight
        else:
            self.find("FORKED", segment["first_index"], why="segment")

    def log_row(self, acknowledged):
        size, last = self.row["size"], max(self.row["size"] - 1, 0)
        head = self.head_at(size)
        if head is not None and head.hex() != self.row["head"]:
            self.find("COLUMN_MISMATCH", last, why="logs.head")
        row = self.row_to(size)
        if row and size == self.top >= acknowledged and row.time != self.row["last_logged_ns"]:
            self.find("COLUMN_MISMATCH", last, why="logs.last_logged_ns")

    # What leads to the signer's head

    def chain(self):
        """Leaves and MACs from the last place where the signer knows the tree, if rows in place lead to its head."""
        size, at, head = self.signer["size"], *self.start
        base, leaves, macs = (at, []), [], bytes(32)
        flight = {index - 1: (None, head, leaf, mac) for index, head, leaf, mac in self.flight}
        rows = {index: (row.previous, row.head, row.leaf, row.mac) for index, row in self.home.items()}
        behind = {loss["last_index"] + 1: loss for loss in self.losses}
        known = not self.since
        while at < size:
            row = rows.get(at) or flight.get(at)
            if row and row[0] in (head, None):
                head = row[1]
                leaves.append(row[2])
                macs = sha256(macs, row[3])
                at += 1
                continue
            at, loss = min(((end, loss) for end, loss in behind.items() if end > at), default=(None, None))
            if loss is None or at > size:
                return None
            head, known = bytes.fromhex(loss["head"]), True
            base, leaves = (at, [bytes.fromhex(part) for part in loss["compact_range"]]), []
            macs = bytes.fromhex(loss["macs_digest"])
        if head.hex() != self.signer["head"] or at != size:
            return None
        return {"root": root_behind(*base, leaves).hex(), "macs": macs.hex()} if known else {"root": None, "macs": None}

    def what_is_proven(self):
        self.verified = None
        if not self.signer:
            return
        size, chain = self.signer["size"], self.chain()
        agrees = chain and chain["root"] in (None, self.signer["root"])
        agrees = agrees and chain["macs"] in (None, self.signer["macs_digest"])
        lost_end = max(self.lost, default=-1) + 1
        for row in self.rows:
            asked = self.found or not agrees or self.since or (row.index or 0) < lost_end or (row.index or 0) >= size
            if row.index is not None and row.mac_is is None and asked:
                self.unchecked.append((row.index, row.index))
        if any(row.index >= size for row in self.held):
            if self.later is None:
                self.unchecked.append((size, self.top - 1))
            elif self.later < self.top:
                self.find("FORKED", self.later, self.top - 1)
        if chain and chain["root"] in (None, self.signer["root"]):
            self.verified = {"size": size, "head": self.signer["head"], "root": chain["root"]}
            if not agrees and not any(kind == "MAC_INVALID" for kind, *_ in self.found):
                stretches = self.unchecked or [(0, size - 1)]
                self.find("MAC_INVALID", min(stretches)[0], max(last for _, last in stretches), "digest")
        elif chain:
            self.find("FORKED", 0, size - 1, "root")
        elif not self.found and not self.unchecked:
            self.unchecked.append((self.start[0], max(size, self.start[0]) - 1))

    def what_the_signer_adds(self):
        self.marks = []
        for alarm in self.signer["alarms"] if self.signer else []:
            first, last = alarm["first_index"], alarm["last_index"]
            if last < self.start[0]:
                continue
            self.marks.append(alarm["kind"])
            kind = ALARMS.get(alarm["kind"])
            known = kind == "INSERTED" and any(low <= first <= high for *_, low, high in self.found)
            if alarm["kind"] == "ADVANCED":
                self.unchecked.append((first, last))
            elif kind and not alarm["closed"] and not known:
                self.find(kind, first, why="alarm")
        last = self.signer and self.signer["unlisted_last_index"]
        counts = last is None or last >= self.start[0]
        if self.signer and len(self.signer["alarms"]) < self.signer["alarms_in_all"] and counts:
            self.unchecked.append((0, self.signer["size"] - 1))
        if self.since and self.signer and self.signer["size"] < self.start[0]:
            self.find("EXPECTATION_FAILED", self.signer["size"], self.start[0] - 1, "signer's size")
        elif self.since and self.signer and self.signer["size"] == self.start[0]:
            if bytes.fromhex(self.signer["head"]) != self.start[1]:
                self.find("EXPECTATION_FAILED", self.start[0] - 1, why="signer's head")

    def what_was_expected(self):
        if not self.expectation:
            return
        size, end = self.expectation["size"], self.top + self.recovered
        head = next((head for at, head, *_ in self.flight if at == size), None) or self.head_at(size)
        if head is None and size > end:
            self.find("EXPECTATION_FAILED", end, size - 1, "size")
        elif head is None or head.hex() != self.expectation["head"]:
            self.find("EXPECTATION_FAILED", size - 1, why="head" if head else "no head")

    def report(self):
        joined = []
        for kind, why, first, last in sorted(self.found):
            if joined and joined[-1][:2] == [kind, why] and first <= joined[-1][3] + 1:
                joined[-1][3] = max(last, joined[-1][3])
            else:
                joined.append([kind, why, first, last])
        findings = [[kind, first, last] for kind, _, first, last in joined]
        findings.sort(key=lambda found: (found[1], found[2], KINDS.index(found[0])))
        losses = [loss for loss in self.losses if loss["last_index"] >= self.start[0]]
        if findings:
            verdict = "TAMPERED"
        elif not self.signer or self.unchecked or losses:
            verdict = "INCOMPLETE"
        else:
            verdict = "INTACT_WITH_ALARMS" if self.marks else "INTACT"
        return {
            "verdict": verdict,
            "entries": len(self.rows),
            "verified": self.verified,
            "recovered": self.recovered,
            "findings": findings,
            "unchecked": merged(self.unchecked),
            "losses": [[loss["first_index"], loss["last_index"]] for loss in losses],
            "alarms": self.marks,
        }


def open_snapshot(keys, sealed):
    """A snapshot's parts, after its MAC was checked."""
    reader = Reader(sealed)
    if reader.number(">B") != 1:
        raise Malformed
    mac = reader.take(44)
    if not made_by(keys, mac, b"strongroom/audit/snapshot/v1\0" + sealed[45:]):
        raise Malformed

    def compact_range():
        part = reader.part()
        if (len(part) - 8) // 32 != struct.unpack(">Q", part[:8])[0].bit_count():
            raise Malformed
        return [part[at : at + 32].hex() for at in range(8, len(part), 32)]

    state = {"log_id": reader.take(16).hex(), "size": reader.number(), "head": reader.take(32).hex()}
    state["compact_range"] = compact_range()
    state["last_logged_ns"], state["macs_digest"] = reader.number(">q"), reader.take(32).hex()
    if reader.number(">B"):
        reader.take(40)
        compact_range()
    losses, state["losses"] = Reader(reader.part()), 0
    while losses.at < len(losses.data):
        losses.take(8 + 8 + 32)
        losses.part()
        losses.take(32 + 8)
        state["losses"] += 1
    state["alarms"] = {"number": reader.number(), "digest": reader.take(32).hex()}
    reader.end()
    return state


class Vectors:
    def __init__(self, path):
        self.vectors = json.loads(path.read_text())
        self.keys = read_keys(self.vectors["mac_keys"])
        self.bad = []

    def same(self, what, got, wanted):
        if got != wanted:
            self.bad.append(f"{what}: {got} instead of {wanted}")

    def check(self):
        self.formats()
        self.trees()
        self.logs()
        counts = [len(self.vectors[name]) for name in ("ids", "entries", "entries_refused", "trees", "snapshots", "logs")]
        if any(count < least for count, least in zip(counts, (3, 7, 9, 10, 2, 60))):
            self.bad.append(f"fewer vectors than there were: {counts}")
        return self.said(sum(counts))

    def said(self, count):
        for line in self.bad:
            print(line)
        print(f"{len(self.bad)} of {count} vectors differ")
        return 1 if self.bad else 0

    def formats(self):
        for item in self.vectors["ids"]:
            name = item["log"]
            self.same(name, (log_id(name).hex(), genesis(name).hex()), (item["id"], item["genesis"]))
        for item in self.vectors["entries"]:
            data = bytes.fromhex(item["entry"])
            entry = decode(data)
            for field, value in entry.items():
                value = value.hex() if isinstance(value, bytes) else value
                value = value.replace("-", "") if field == "event_id" else value
                self.same(field, value, item[field])
            head = chain_head(entry["log_id"], entry["index"], entry["previous_head"], leaf_hash(data))
            self.same("leaf and head", (leaf_hash(data).hex(), head.hex()), (item["leaf"], item["head"]))
            mac = bytes.fromhex(item["mac"])
            self.same("mac", mac_verdict(self.keys, entry["log_id"], entry["index"], head, mac), True)
        for item in self.vectors["entries_refused"]:
            try:
                decode(bytes.fromhex(item["entry"]))
                self.bad.append(f"an entry was taken: {item['why']}")
            except Malformed:
                pass
        for item in self.vectors["snapshots"]:
            state = open_snapshot(self.keys, bytes.fromhex(item["snapshot"]))
            self.same("snapshot of", state.pop("log_id"), log_id(item["log"]).hex())
            for field, value in state.items():
                self.same(f"snapshot's {field}", value, item[field])

    def trees(self):
        for item in self.vectors["trees"]:
            leaves = [leaf_hash(u64(leaf)) for leaf in range(item["size"])]
            self.same("root", root(leaves).hex(), item["root"])
            parts, at = [], 0
            for bit in (bit for bit in reversed(range(64)) if item["size"] >> bit & 1):
                parts.append(root(leaves[at : at + (1 << bit)]))
                at += 1 << bit
            self.same("compact range", [part.hex() for part in parts], item["compact_range"])
            more = [leaf_hash(bytes([n])) for n in range(5)]
            self.same("root behind", root_behind(item["size"], parts, more), root(leaves + more))

    def logs(self):
        for item in self.vectors["logs"]:
            rows = [self.vectors["table"][row] for row in item["rows"]]
            wanted = dict(item["report"])
            wanted["unchecked"] = merged(wanted["unchecked"])
            checks = self.keys if item["later"] is not None else None
            self.same(item["name"], Verification(item, rows, checks).run(), wanted)


def main(arguments):
    if arguments and arguments[0] == "--vectors":
        default = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "tlog.json"
        return Vectors(Path(arguments[1]) if len(arguments) > 1 else default).check()
    if len(arguments) == 2 and arguments[0] == "--logs":
        vectors = Vectors(Path(arguments[1]))
        vectors.logs()
        return vectors.said(len(vectors.vectors["logs"]))
    if len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--mac-keys"):
        print(__doc__)
        return 64
    keys = read_keys(json.loads(Path(arguments[2]).read_text())) if len(arguments) == 3 else None
    export, *rows = (json.loads(line) for line in Path(arguments[0]).read_text().splitlines() if line.strip())
    report = Verification(export, rows, keys).run()
    print(f"{export['log']}: {report['verdict']}, {report['entries']} entries, {report['recovered']} recovered")
    for kind, first, last in report["findings"]:
        print(f"{kind} {first}..{last}")
    for alarm in report["alarms"]:
        print(f"alarm {alarm}")
    return STATUS[report["verdict"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
