"""An S3 server on loopback for tests, which checks signatures by itself and misbehaves when told to.

    s3_server.py BUCKET ACCESS_KEY SECRET_KEY [CERTIFICATE KEY]

Prints its port; with a certificate it speaks TLS. Objects live in memory. Unsigned, for the test itself:

    PUT /_/object/KEY     an object; X-Modified: its time
    PUT /_/fault          "NAME [COUNT [ARGUMENT]]": a line each; the next COUNT answers go wrong so; without a line: none do
    GET /_/log            the requests since the last time: a line each, STATUS PATH?QUERY RANGE
"""
import hashlib
import hmac
import http.server
import re
import ssl
import sys
import threading
import urllib.parse
from xml.sax.saxutils import escape

bucket, access_key, secret_key, *tls = sys.argv[1:]
objects, log, faults, lock = {}, [], [], threading.Lock()
PAGE = 3


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_problem(handler):
    """None when the request is signed as AWS wants it; a code of S3 otherwise."""
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, *SignedHeaders=([^,]+), *Signature=(\w+)",
        handler.headers.get("Authorization", ""))
    if not match:
        return "AccessDenied"
    key, day, region, names, signature = match.groups()
    if key != access_key:
        return "InvalidAccessKeyId"
    names = names.split(";")
    if names != sorted(names) or not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
        return "SignatureDoesNotMatch"
    path, _, query = handler.path.partition("?")
    pairs = sorted(tuple((part + "=").split("=")[:2]) for part in query.split("&")) if query else []
    canonical = "\n".join([
        handler.command, path, "&".join(f"{name}={value}" for name, value in pairs),
        "".join(f"{name}:{' '.join(handler.headers.get(name, '').split())}\n" for name in names), ";".join(names),
        handler.headers["x-amz-content-sha256"]])
    date = handler.headers["x-amz-date"]
    text = "\n".join(["AWS4-HMAC-SHA256", date, f"{day}/{region}/s3/aws4_request",
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = sign(sign(sign(sign(("AWS4" + secret_key).encode(), day), region), "s3"), "aws4_request")
    wanted = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(wanted, signature) and date.startswith(day) else "SignatureDoesNotMatch"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body would wait for the acknowledgement of its headers

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", headers=(), length=None):
        self.status = status
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code, headers=()):
        self.answer(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode(),
                    headers)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            if self.path.startswith("/_/object/"):
                key = urllib.parse.unquote(self.path[len("/_/object/"):])
                objects[key] = (body, hashlib.md5(body).hexdigest(),
                                self.headers.get("X-Modified", "2026-01-01T00:00:00.000Z"))
            else:
                parts = [(line.split(" ", 2) + ["1", ""])[:3] for line in body.decode().split("\n") if line]
                faults[:] = [[name, int(count or 1), argument] for name, count, argument in parts]
        self.answer(200)

    def do_DELETE(self):
        with lock:
            objects.pop(urllib.parse.unquote(self.path[len("/_/object/"):]), None)
        self.answer(200)

    def take_fault(self, *names):
        with lock:
            for fault in faults:
                if fault[0] in names and fault[1] > 0:
                    fault[1] -= 1
                    return fault[0], fault[2]
        return "", ""

    def do_GET(self):
        if self.path == "/_/log":
            with lock:
                text = "\n".join(log)
                log.clear()
            self.answer(200, text.encode())
            return
        self.status = 0
        try:
            self.serve()
        finally:
            with lock:
                log.append(f"{self.status} {self.path} {self.headers.get('Range', '')}".strip())

    def serve(self):
        name, argument = self.take_fault("status", "redirect", "hang-up")
        if name == "status":
            status, code = argument.split(" ")
            return self.refuse(int(status), code, [("Retry-After", "0")] if status == "429" else [])
        if name == "redirect":
            return self.refuse(307, "TemporaryRedirect", [("Location", "http://127.0.0.1:1/")])
        if name == "hang-up":
            self.close_connection = True
            return None
        problem = signature_problem(self)
        if problem:
            return self.refuse(403, problem)
        path, _, query = self.path.partition("?")
        host = self.headers["Host"]
        if host.startswith(bucket + "."):
            path = f"/{bucket}{path}"
        if not path.startswith(f"/{bucket}/"):
            return self.refuse(404, "NoSuchBucket")
        key = urllib.parse.unquote(path[len(bucket) + 2:])
        return self.object(key) if key else self.list(dict(urllib.parse.parse_qsl(query)))

    def list(self, query):
        if query.get("list-type") != "2":
            return self.refuse(400, "InvalidArgument")
        after = bytes.fromhex(query.get("continuation-token", "")).decode()
        with lock:
            keys = sorted(key for key in objects if key.startswith(query.get("prefix", "")) and key > after)
            page = [(key, objects[key]) for key in keys[:PAGE]]
        url = query.get("encoding-type") == "url"
        name, argument = self.take_fault("endless", "body")
        if name == "body":
            return self.answer(200, argument.encode().decode("unicode_escape").encode("latin-1"))
        text = ["<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"]
        if len(keys) > PAGE or name == "endless":
            token = name and query.get("continuation-token") or page[-1][0].encode().hex()
            text.append(f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>")
        else:
            text.append("<IsTruncated>false</IsTruncated>")
        if url:
            text.append("<EncodingType>url</EncodingType>")
        for key, (body, etag, modified) in page:
            shown = urllib.parse.quote_plus(key, safe="/") if url else escape(key)
            text.append(f"<Contents><Key>{shown}</Key><LastModified>{modified}</LastModified><ETag>&quot;{etag}&quot;"
                        f"</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>")
        text.append("</ListBucketResult>")
        return self.answer(200, "".join(text).encode())

    def object(self, key):
        with lock:
            found = objects.get(key)
        if not found:
            return self.refuse(404, "NoSuchKey")
        body, etag, _ = found
        if self.headers.get("If-Match", etag).strip('"') != etag:
            return self.refuse(412, "PreconditionFailed")
        start, status, headers = 0, 200, [("ETag", f'"{etag}"')]
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        name, argument = self.take_fault("no-ranges") if match else ("", "")
        if match and not name:
            start, status = int(match[1]), 206
            wrong, _ = self.take_fault("wrong-range")
            headers.append(("Content-Range", f"bytes {start + bool(wrong)}-{len(body) - 1}/{len(body)}"))
        name, argument = self.take_fault("cut", "cut-replace", "short", "encoded", "longer", "other-etag")
        rest = body[start:]
        if name in ("cut", "cut-replace"):
            self.answer(status, rest[:int(argument)], headers, len(rest))
            self.close_connection = True
            if name == "cut-replace":
                with lock:
                    objects[key] = (body + b"\n", "0" * 32, "2026-01-02T00:00:00.000Z")
            return None
        if name == "short":  # says that this is all
            return self.answer(status, rest[:int(argument)], headers)
        if name == "longer":
            return self.answer(status, rest + b"x" * int(argument), headers)
        if name == "encoded":
            headers.append(("Content-Encoding", "gzip"))
        if name == "other-etag":
            headers[0] = ("ETag", '"1"')
        return self.answer(status, rest, headers)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        """A client that goes away is no news."""


server = Server(("127.0.0.1", 0), Handler)
if tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
