"""S3 servers of others for tests: s3rver of the npm registry, and MinIO where it is installed; requests signed by
this file's own AWS signature 4."""

import datetime
import hashlib
import hmac
import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

from lib.server import SOURCE, eventually, free_port

S3RVER = "s3rver@3.7.1"
CACHE = os.environ.get("YELLOW_TEST_CACHE", SOURCE + "/build/cache")


def s3rver():
    """The program, fetched once into the cache; None, and why, when npm cannot give it."""
    program = CACHE + "/s3rver/node_modules/.bin/s3rver"
    if os.path.exists(program):
        return program, ""
    if not shutil.which("npm"):
        return None, "there is no npm"
    os.makedirs(CACHE + "/s3rver", exist_ok=True)
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix",
                               CACHE + "/s3rver", S3RVER], capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None, "npm did not answer"
    return (program, "") if os.path.exists(program) else (None, f"npm gave no {S3RVER}: {done.stderr[-300:]}")


class S3:
    """bucket "lake", below http://127.0.0.1:PORT."""

    def __init__(self, command, access_key, secret_key, env=None):
        self.folder = tempfile.mkdtemp(prefix="yellow-e2e-s3-")
        self.port = free_port()
        self.access_key, self.secret_key = access_key, secret_key
        words = [word.format(folder=self.folder, port=self.port) for word in command]
        with open(self.folder + ".log", "wb") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                            env=dict(os.environ, **(env or {})), start_new_session=True)
        eventually(self.answers, "no answer of the S3 server")
        self.request("PUT", "/lake")

    def answers(self):
        try:
            return self.request("GET", "/") < 500
        except OSError:
            return False

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.unlink(self.folder + ".log")

    def put(self, key, body):
        status = self.request("PUT", "/lake/" + urllib.parse.quote(key), body.encode() if isinstance(body, str) else body)
        if status != 200:
            raise AssertionError(f"PUT {key}: {status}")

    def request(self, method, path, body=b""):
        host, now = f"127.0.0.1:{self.port}", datetime.datetime.now(datetime.timezone.utc)
        stamp, digest = now.strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(body).hexdigest()
        headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = "\n".join([method, path, "", lines, names, digest])
        scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret_key).encode()
        for part in (stamp[:8], "us-east-1", "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, "
                                    f"Signature={signature}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status


def start_s3rver(program):
    return S3([program, "-d", "{folder}", "-a", "127.0.0.1", "-p", "{port}", "--no-vhost-buckets"], "S3RVER", "S3RVER",
              {"NODE_OPTIONS": "--openssl-legacy-provider"})  # for its continuation tokens


def start_minio(program):
    return S3([program, "server", "{folder}", "--address", "127.0.0.1:{port}", "--console-address", "127.0.0.1:0"],
              "yellow-key", "yellow-secret-key", {"MINIO_ROOT_USER": "yellow-key",
                                                  "MINIO_ROOT_PASSWORD": "yellow-secret-key"})
