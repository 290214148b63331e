"""Makes every mistake of docs/connecting.md with three clients, and holds what they say against the page.

    python connections_check.py STACK_JSON PAGE TOOLS

STACK_JSON describes a running stack, TOOLS is the directory with `bin/grpcurl`, `bin/node` and `grpc-js/node_modules`.
"""

import datetime
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = os.path.dirname(os.path.abspath(__file__))
HEALTH = ("grpc.health.v1.Health/Check", "{}", b"")
TENANT = b"tenants/acme"
GET_TENANT = (
    "strongroom.vault.v1.TenantService/GetTenant",
    json.dumps({"name": TENANT.decode()}),
    bytes([0x0A, len(TENANT)]) + TENANT,
)
DAY = datetime.timedelta(days=1)


def save(path, *parts):
    with open(path, "wb") as file:
        file.writelines(parts)
    return path


def make(directory, name, subject, ends, issuer):
    """Certificate and key of `subject`; an authority without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    common = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = issuer or (common, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(common)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - 2 * DAY)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(subject)]), critical=False
        ).add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    cert = save(os.path.join(directory, f"{name}.pem"), certificate.public_bytes(serialization.Encoding.PEM))
    return {"cert": cert, "key": save(os.path.join(directory, f"{name}.key"), pem)}, (common, key)


def issuer_of(stack):
    """The development authority, to make what it would never make itself."""
    with open(stack["ca"], "rb") as file:
        name = x509.load_pem_x509_certificate(file.read()).subject
    with open(re.sub(r"pem$", "key", stack["ca"]), "rb") as file:
        return name, serialization.load_pem_private_key(file.read(), None)


def free_port():
    """A port that nobody listens at, for as long as the socket is kept: bound, and not listened at."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held, f"127.0.0.1:{held.getsockname()[1]}"


def mistakes(stack, directory):
    """Heading of the page, and what is called how."""
    now = datetime.datetime.now(datetime.timezone.utc)
    vault, app = stack["services"]["vault"], stack["callers"]["app"]
    good = {"address": vault["grpc"], "ca": stack["ca"], **app}
    other, other_issuer = make(directory, "other-ca", None, now + DAY, None)
    app_id = "spiffe://strongroom.dev/app"
    expired, _ = make(directory, "expired", app_id, now - DAY, issuer_of(stack))
    foreign, _ = make(directory, "foreign", app_id, now + DAY, other_issuer)
    without = {key: value for key, value in good.items() if key not in ("cert", "key")}
    nobody, nowhere = free_port()
    yield "Nothing is wrong", good, HEALTH
    yield "The caller shows no certificate", without, HEALTH
    yield "The caller's certificate has an authority that the service does not know", {**good, **foreign}, HEALTH
    yield "The caller's certificate has expired", {**good, **expired}, HEALTH
    yield "The caller does not know the service's authority", {**good, "ca": other["cert"]}, HEALTH
    yield "The service's certificate has another name", {**good, "name": "vault.example"}, HEALTH
    yield "The caller speaks plain text", {"address": vault["grpc"]}, HEALTH
    yield "The port is the admin port", {**good, "address": vault["admin"]}, HEALTH
    yield "Nobody listens at the port", {**good, "address": nowhere}, HEALTH
    yield "The host is unknown", {**good, "address": "vault.invalid:443"}, HEALTH
    yield "The caller has no role", {**good, **stack["callers"]["stranger"]}, GET_TENANT
    yield "The deadline is too short", {**good, "seconds": 0.001}, HEALTH
    nobody.close()


def grpcurl(tools, wanted, call):
    method, body, _ = call
    flags = ["-plaintext"]
    if "ca" in wanted:
        flags = ["-cacert", wanted["ca"]]
        for part in ("cert", "key"):
            flags += [f"-{part}", wanted[part]] if part in wanted else []
        flags += ["-servername", wanted["name"]] if "name" in wanted else []
    flags += ["-max-time", str(wanted["seconds"]), "-d", body]
    return [os.path.join(tools, "bin/grpcurl"), *flags, wanted["address"], method]


def caller(command, wanted, call):
    method, _, message = call
    return [*command, json.dumps({**wanted, "path": f"/{method}", "message": message.hex()})]


def said(command):
    """What a client prints, on one line."""
    quiet = {**os.environ, "GRPC_VERBOSITY": "NONE"}
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, env=quiet, check=False)
    return " ".join((run.stdout or run.stderr).split())


class Log:
    """Why a service refused connections, by its log."""

    def __init__(self, stack_path):
        self.path = os.path.join(os.path.dirname(stack_path), "logs/vault.log")
        self.size = os.path.getsize(self.path)

    def reasons(self, expected):
        """Those that were logged since and are expected, once there are some; what else is logged may be of a call before."""
        latest = time.monotonic() + 10
        while True:
            found = [reason for reason in self.new() if any(fits(reason, answer) for answer in expected)]
            if found or not expected or time.monotonic() > latest:
                return found
            time.sleep(0.01)

    def new(self):
        with open(self.path, encoding="utf-8") as file:
            file.seek(self.size)
            lines = [json.loads(line) for line in file if line.endswith("\n")]
        return [line["reason"] for line in lines if line["message"] == "refused a connection"]


def cases(stack_path, tools):
    """Heading, who says something, and what: the texts of a client, or the service's log since."""
    with open(stack_path, encoding="utf-8") as file:
        stack = json.load(file)
    node = [os.path.join(tools, "bin/node"), os.path.join(HERE, "caller.mjs"), os.path.join(tools, "grpc-js")]
    python = [sys.executable, os.path.join(HERE, "caller.py")]
    with tempfile.TemporaryDirectory() as directory:
        for heading, wanted, call in mistakes(stack, directory):
            wanted, log = {"seconds": 5, **wanted}, Log(stack_path)
            yield heading, "grpcurl", [said(grpcurl(tools, wanted, call))]
            yield heading, "grpcio", [said(caller(python, wanted, call))]
            yield heading, "grpc-js", [said(caller(node, wanted, call))]
            yield heading, "service's log", log


def pages_answers(page):
    """Of each heading and client, the texts in the table's cell: what stands as `…` may be anything."""
    answers, heading = {}, None
    with open(page, encoding="utf-8") as file:
        for line in file:
            if line.startswith("## "):
                heading = line[3:].strip()
            elif row := re.match(r"\| (grpcurl|grpcio|grpc-js|service's log) \| (.*) \|$", line):
                answers[heading, row[1]] = re.findall(r"`([^`]+)`", row[2])
    return answers


def fits(text, answer):
    return re.fullmatch(".*".join(re.escape(part) for part in answer.split("…")), text) is not None


def main():
    stack_path, page, tools = sys.argv[1:]
    answers, wrong, count = pages_answers(page), 0, 0
    for heading, client, texts in cases(stack_path, tools):
        expected = answers.pop((heading, client), [])
        if isinstance(texts, Log):
            texts = texts.reasons(expected)
        # A client may try again, and its log lines come in any number; each must be one of the page's.
        unknown = [text for text in texts if not any(fits(text, answer) for answer in expected)]
        missing = expected and not texts
        count += 1
        if unknown or missing:
            wrong += 1
            print(f"{heading}: {client}: {unknown or 'nothing'}; the page has {expected}", file=sys.stderr)
    for heading, client in answers:
        wrong += 1
        print(f"{heading}: {client}: the page has it, and nothing here tries it", file=sys.stderr)
    if wrong:
        sys.exit(f"{wrong} of {count} answers are not as {page} says")
    print(f"{count} answers are as the page says")


main()
