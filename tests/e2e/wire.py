"""Requests that no client library would send, on raw sockets, with short deadlines."""

import json
import socket
import unittest

from lib.server import Case, eventually


class Wire(Case):
    flags = ("--header-deadline", "300ms", "--body-deadline", "400ms")

    def talk(self, data, more=None):
        """Everything that comes until the server closes, or nothing for a while; and whether it closed."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as sock:
            sock.sendall(data)
            if more:
                sock.sendall(more)
            got = b""
            closed = False
            while True:
                if not closed and b"\r\n\r\n" in got and b"Connection: close" not in got:
                    sock.settimeout(0.5)
                try:
                    chunk = sock.recv(65536)
                except socket.timeout:
                    break
                except ConnectionResetError:
                    closed = True
                    break
                if not chunk:
                    closed = True
                    break
                got += chunk
        return got, closed

    def status(self, data, **options):
        got, closed = self.talk(data, **options)
        self.assertTrue(got.startswith(b"HTTP/1.1 "), got)
        return int(got[9:12]), closed

    def lines(self, *lines, body=b""):
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def test_framing_in_doubt_is_400_and_closed(self):
        for lines in (("POST /v1/ecosystems HTTP/1.1", "Host: a", "Content-Length: 5", "Content-Length: 6"),
                      ("POST /v1/ecosystems HTTP/1.1", "Host: a", "Content-Length: 5", "Content-Length: 5"),
                      ("POST /v1/ecosystems HTTP/1.1", "Host: a", "Content-Length: 5", "Transfer-Encoding: chunked"),
                      ("GET /livez HTTP/1.1", "Host: a", "Host: b"),
                      ("GET /livez HTTP/1.1", "Host: a", "Bad Name: b"),
                      ("GET /livez HTTP/1.1",)):
            got, closed = self.talk(self.lines(*lines, body=b"hello!"))
            self.assertTrue(got.startswith(b"HTTP/1.1 400 "), (lines, got))
            self.assertTrue(closed, lines)
            self.assertEqual(got.count(b"HTTP/1.1 "), 1, got)

    def test_a_path_that_could_mean_another_is_400(self):
        for path in ("/v1/ecosystems%2fx", "/v1/ecosystems/%2e%2e/x", "/v1/ecosystems/../x", "/v1/ecosystems/a%00",
                     "/v1/ecosystems/a%5cb", "/v1/ecosystems/%zz"):
            self.assertEqual(self.status(self.lines(f"GET {path} HTTP/1.1", "Host: a"))[0], 400, path)

    def test_methods_and_paths(self):
        answer = self.server.request("BREW", "/livez", token=None)
        self.assert_status(answer, 405, "method-not-allowed")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS")
        self.assert_status(self.server.request("DELETE", "/v1/ecosystems/acme"), 405)
        self.assertEqual(self.server.request("OPTIONS", "/v1/ecosystems/acme").headers["Allow"],
                         "GET, HEAD, PUT, OPTIONS")
        self.assert_status(self.server.get("/v2"), 404, "not-found")
        head = self.server.request("HEAD", "/livez", token=None)
        self.assertEqual((head.status, head.body), (200, b""))

    def test_media_types_and_bodies(self):
        path = "/v1/ecosystems/acme"
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            self.assert_status(self.server.request("PUT", path, b"{}", headers={"Content-Type": kind}), 415,
                               "unsupported-media-type")
        self.assert_status(self.server.request("PUT", path, b"{}", headers={
            "Content-Type": "application/json", "Content-Encoding": "gzip"}), 415)
        self.assert_status(self.server.request("PUT", path, b"{", headers={"Content-Type": "application/json"}), 400,
                           "syntax")
        self.assert_status(self.server.request("PUT", path, {"colour": "blue"}), 422, "invalid")
        self.assert_status(self.server.request("PUT", path, b" " * (65 << 10),
                                               headers={"Content-Type": "application/json"}), 413, "too-large")
        self.assert_status(self.server.get("/v1/ecosystems?colour=blue"), 400, "syntax")

    def test_slow_senders_are_cut_off_with_408(self):
        head = ("POST /v1/ecosystems/acme/webhooks/github HTTP/1.1", "Host: a")
        for data in (b"GET /livez HTTP/1.1\r\nHost:", self.lines(*head, "Content-Length: 10", body=b"half")):
            got, closed = self.talk(data)
            self.assertTrue(got.startswith(b"HTTP/1.1 408 "), got)
            self.assertTrue(closed)

    def test_every_error_is_a_problem_with_the_id_of_its_request(self):
        answer = self.server.get("/v1/ecosystems/nowhere", headers={"X-Request-Id": "mine-1"})
        self.assert_status(answer, 404, "not-found")
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual((answer.headers["X-Request-Id"], answer.json["request_id"]), ("mine-1", "mine-1"))
        lines = eventually(lambda: [line for line in self.server.log().splitlines() if '"mine-1"' in line], "a line")
        self.assertEqual([json.loads(line)["status"] for line in lines], [404])


if __name__ == "__main__":
    unittest.main()
