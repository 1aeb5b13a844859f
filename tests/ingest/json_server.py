"""An HTTP API on loopback that misbehaves in as many ways as there are functions here: json_server.py

Prints its port. GET /WAY/... is answered by the function of that name, with the number of the request to this way. Its
answers are bytes on the connection, which is closed behind them."""
import gzip
import json
import socket
import sys
import threading
import time

counts, lock = {}, threading.Lock()


def http(body, status=200, *headers, length=None):
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status} X", *headers]
    if length != "none":
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def page(records, **more):
    return http(json.dumps({"data": records, **more}), 200, "Content-Type: application/json")


def rows(*ids):
    return [{"id": i, "name": f"n{i}"} for i in ids]


FINE = page(rows(1, 2))


class Request:
    def __init__(self, text):
        head, *lines = text.split("\r\n")
        self.target = head.split(" ")[1]
        self.path, _, query = self.target.partition("?")
        self.query = dict((part + "=").split("=")[:2] for part in query.split("&")) if query else {}
        self.headers = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines if ":" in line}


# One function a way: request, number of it (from 1), connection. Returns bytes, or sends them itself.
def fine(r, n, c): return FINE
def echo(r, n, c): return page([{"id": 1, "name": r.headers.get(r.path.split("/")[2], "-")}])
def paged(r, n, c): return page(rows(*range(3 * int(r.query["page"]) - 2, min(3 * int(r.query["page"]), 7) + 1)))
def offset(r, n, c): return page(rows(*range(int(r.query["offset"]) + 1, min(int(r.query["offset"]) + 3, 8) + 1)))
def few_paged(r, n, c): return page(rows(*range(2 * int(r.query["page"]) - 1, min(2 * int(r.query["page"]), 5) + 1)))
def few_offset(r, n, c): return page(rows(*range(int(r.query["offset"]) + 1, min(int(r.query["offset"]) + 2, 5) + 1)))
def none_behind(r, n, c): return few_paged(r, n, c) if int(r.query["page"]) < 4 else http("", 404)
def none_between(r, n, c): return paged(r, n, c) if int(r.query["page"]) < 2 else http("", 404)
def cursor(r, n, c): return page(rows(n), next={1: "a b&c=1", 2: 7, 3: None}[n]) if r.query.get("after", "") == ["", "a%20b%26c%3D1", "7"][n - 1] else http("", 400)
def linked(r, n, c): return http(json.dumps({"data": rows(n)}), 200, f'Link: </x>; rel=prev, <?p={n + 1}>; title="a, b"; rel="last next"' if n < 3 else 'Link: </x>; rel="prev"')
def no_content(r, n, c): return http(b"", 204)
def empty_list(r, n, c): return page([])
def five_hundred_twice(r, n, c): return http("{}", 500) if n < 3 else FINE
def five_hundred(r, n, c): return http("{}", 500)
def bad_gateway(r, n, c): return http("<html>", 502) if n < 2 else FINE
def too_many(r, n, c): return http("", 429) if n < 2 else FINE
def too_many_retry_after(r, n, c): return http("", 429, "Retry-After: 0") if n < 2 else FINE
def too_many_for_hours(r, n, c): return http("", 429, "Retry-After: 86400")
def retry_after_date(r, n, c): return http("", 503, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT") if n < 2 else FINE
def retry_after_days(r, n, c): return http("", 503, "Date: Tue, 20 Oct 2015 07:28:00 GMT", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT") if n < 2 else FINE
def unauthorized(r, n, c): return http("", 401, "WWW-Authenticate: Basic")
def forbidden(r, n, c): return http("", 403)
def not_found(r, n, c): return http("{}", 404)
def teapot(r, n, c): return http("{}", 418)
def redirect_elsewhere(r, n, c): return http("", 302, "Location: http://127.0.0.1:1/steal")
def redirect_here(r, n, c): return http("", 301, "Location: /fine/x")
def link_elsewhere(r, n, c): return http(json.dumps({"data": rows(n)}), 200, "Link: <http://127.0.0.1:1/steal>; rel=next")
def link_scheme(r, n, c): return http(json.dumps({"data": rows(n)}), 200, "Link: <file:///etc/passwd>; rel=next")
def link_loop(r, n, c): return http(json.dumps({"data": rows(n)}), 200, f"Link: </link_loop/{n % 2}>; rel=next")
def endless_cursor(r, n, c): return page(rows(n), next="again")
def growing_cursor(r, n, c): return page(rows(n), next=f"c{n}")
def endless_page(r, n, c): return page(rows(n))
def deaf_page(r, n, c): return page(rows(1, 2))
def cursor_object(r, n, c): return page(rows(1), next={"a": 1})
def cut_body(r, n, c): return http(FINE.split(b"\r\n\r\n")[1][:10], length=500) if n < 3 else FINE
def cut_always(r, n, c): return http('{"data":[', length=500)
def cut_head(r, n, c): return b"HTTP/1.1 200 O" if n < 2 else FINE
def closed(r, n, c): return b"" if n < 2 else FINE
def garbage(r, n, c): return b"SSH-2.0-OpenSSH_9.2\r\n"
def wrong_length(r, n, c): return http('{"data":[]}', length=5)
def no_length(r, n, c): return http('{"data":[{"id":1,"name":"n1"}]}', length="none")
def no_length_cut(r, n, c): return http('{"data":[{"id":1,"na', length="none")
def two_lengths(r, n, c): return http('{"data":[]}', 200, "Content-Length: 5")
def chunked(r, n, c): return b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data":[\r\n2\r\n]}\r\n0\r\n\r\n'
def chunked_garbage(r, n, c): return b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"data":[]}'
def chunked_cut(r, n, c): return b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data":[\r\n'
def html(r, n, c): return http("<html>Login</html>", 200, "Content-Type: text/html")
def plain_type(r, n, c): return http('{"data":[{"id":1,"name":"n1"}]}', 200, "Content-Type: text/plain")
def nothing(r, n, c): return http("")
def trailing(r, n, c): return http('{"data":[]} x')
def two_values(r, n, c): return http('{"data":[]}{"data":[]}')
def mark(r, n, c): return http(b"\xef\xbb\xbf" + b'{"data":[{"id":1,"name":"n1"}]}')
def utf16(r, n, c): return http('{"data":[]}'.encode("utf-16"))
def wrong_pointer(r, n, c): return http('{"items":[]}')
def no_list(r, n, c): return http('{"data":{"id":1}}')
def null_list(r, n, c): return http('{"data":null}')
def twice(r, n, c): return http('{"data":[],"data":[]}')
def nested(r, n, c): return http('{"x":' + "[" * 100000)
def nested_record(r, n, c): return http('{"data":[{"id":1,"name":' + "[" * 70 + "]" * 70 + "}]}")
def duplicate_member(r, n, c): return http('{"data":[{"id":1,"id":2,"name":"a"}]}')
def no_object(r, n, c): return http('{"data":[[1,"a"]]}')
def wrong_type(r, n, c): return page([{"id": "1", "name": "a"}])
def too_long(r, n, c): return page([{"id": 1, "name": "abcdefghijk"}])
def missing(r, n, c): return http('{"data":[{"id":1,"name":"a","note":null},{"name":"b","id":2,"other":[{}]}]}')
def missing_key(r, n, c): return page([{"name": "a"}])
def invalid_utf8(r, n, c): return http(b'{"data":[{"id":1,"name":"\xff"}]}')
def nul(r, n, c): return http('{"data":[{"id":1,"name":"\\u0000"}]}')
def raw_nul(r, n, c): return http(b'{"data":[{"id":1,"name":"\0"}]}')
def surrogate(r, n, c): return http('{"data":[{"id":1,"name":"\\ud800"}]}')
def escapes(r, n, c): return http('{"d\\u0061ta":[{"i\\u0064":1,"name":"\\u00e9\\n\\ud83d\\ude00"}]}')
def numbers(r, n, c): return http('{"data":[{"id":9007199254740993,"name":"a","price":12345678901234567.890}]}')
def values(r, n, c): return http('{"data":[{"id":1,"name":"a","note":{"b":[1.50,null],"a":1e2}},{"id":2,"name":"b","note":"t"}]}')
def zipped(r, n, c): return http(gzip.compress(b'{"data":[]}'), 200, "Content-Encoding: gzip")
def bomb(r, n, c): return http(gzip.compress(b" " * (50 << 20)), 200, "Content-Encoding: gzip")
def deflated_unsaid(r, n, c): return http(gzip.compress(b'{"data":[]}'))
def large_value(r, n, c): return http('{"data":[{"id":1,"name":"' + "x" * (17 << 20) + '"}]}')
def large_page(r, n, c): return http('{"data":[' + " " * (3 << 20) + "]}")
def many_headers(r, n, c): return http("{}", 200, *[f"X-{i}: {'y' * 1000}" for i in range(400)])
def long_cursor(r, n, c): return page(rows(n), next="c" * 5000 if n == 1 else None)


def slow(r, n, c):
    """Never a byte of the body."""
    c.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n")
    c.recv(1)


def silent(r, n, c):
    """Never an answer."""
    c.recv(1)


def dribble(r, n, c):
    """Byte by byte."""
    for i in range(len(FINE)):
        c.sendall(FINE[i:i + 1])


def endless(r, n, c):
    """A list without an end."""
    c.sendall(b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data":[\r\n')
    piece = b" " * 65536
    while True:
        c.sendall(b"10000\r\n" + piece + b"\r\n")


def cut_late(r, n, c):
    """Behind what is held of a page."""
    body = json.dumps({"data": rows(*range(400000))})
    return http(body[:10 << 20], length=len(body))


def large(r, n, c):
    return page(rows(*range(400000)))


def handle(connection):
    with connection:
        try:
            text = b""
            while b"\r\n\r\n" not in text:
                piece = connection.recv(65536)
                if not piece:
                    return
                text += piece
            request = Request(text.split(b"\r\n\r\n")[0].decode())
            way = request.path.split("/")[1]
            with lock:
                n = counts[way] = counts.get(way, 0) + 1
            answer = globals()[way](request, n, connection)
            if answer:
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
        except OSError:
            pass  # a client that goes away is no news


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=handle, args=(listener.accept()[0],), daemon=True).start()
