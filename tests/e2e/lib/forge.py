"""A small forge over real HTTP: it keeps what it is told, and answers as a test wants."""

import http.server
import json
import threading

from lib.server import eventually

TOKEN = "forge-token-of-the-test-0123456789"


class Forge(http.server.ThreadingHTTPServer):
    """Keeps each request; answers what `script` has for the next one, (status, headers[, JSON]), 201 when it has
    nothing."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answerer)
        self.lock, self.requests, self.script = threading.Lock(), [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def seen(self, count):
        eventually(lambda: len(self.requests) >= count, lambda: f"{count} requests: {self.requests}")
        return self.requests[:count]

    def close(self):
        self.shutdown()
        self.server_close()


class Answerer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.requests.append((self.command, self.path, dict(self.headers), json.loads(body)))
            status, headers, *rest = self.server.script.pop(0) if self.server.script else (201, {})
        answer = json.dumps(rest[0] if rest else {"id": 7}).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(answer))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_PATCH = do_PUT = do_POST

    def log_message(self, *_):
        pass


def token_file(folder):
    """What YELLOW_GIT_TOKEN_FILE names: the token for the forge on this machine."""
    path = folder + "/tokens"
    with open(path, "w", encoding="ascii") as file:
        file.write(f"# host token\n127.0.0.1 {TOKEN}\n")
    return path
