"""A caller with grpcio, as a backend service in Python is one. Takes what to do as JSON, prints what came of it.

    python caller.py '{"address": …, "path": …, "message": HEX, "seconds": …, "ca": …, "cert": …, "key": …, "name": …}'

Without "ca" it speaks plain text; "name" is the name that the server's certificate must have, where it is not the host's.
"""

import json
import sys

import grpc


def read(path):
    with open(path, "rb") as file:
        return file.read()


def channel_of(wanted):
    if "ca" not in wanted:
        return grpc.insecure_channel(wanted["address"])
    key, cert = (read(wanted[part]) if part in wanted else None for part in ("key", "cert"))
    credentials = grpc.ssl_channel_credentials(read(wanted["ca"]), key, cert)
    options = [("grpc.ssl_target_name_override", wanted["name"])] if "name" in wanted else []
    return grpc.secure_channel(wanted["address"], credentials, options)


def main():
    wanted = json.loads(sys.argv[1])
    with channel_of(wanted) as channel:
        call = channel.unary_unary(wanted["path"])
        try:
            call(bytes.fromhex(wanted["message"]), timeout=wanted["seconds"])
            print("OK")
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}")


main()
