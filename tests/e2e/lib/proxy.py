"""A TCP proxy that counts messages and cuts the connection at one of them: what networks do."""

import socket
import struct
import threading

SSL, GSS = 80877103, 80877104


class Proxy:
    """cut: the number, from 1, of the message that does not arrive any more; every connection is closed then, and new
    ones go through. lose_commit: the number, from 1, of the COMMIT whose answer is what does not arrive."""

    def __init__(self, port, postgres=True):
        self.target, self.postgres = port, postgres
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = set()
        self.arm()
        threading.Thread(target=self.accept, daemon=True).start()

    def arm(self, cut=0, lose_commit=0, strike=None):
        """strike: called when it happens, before anybody sees it."""
        with self.lock:
            self.messages, self.commits, self.struck = 0, 0, False
            self.cut, self.lose_commit, self.strike = cut, lose_commit, strike

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (client, server)
            with self.lock:
                self.pairs.add(pair)
            state = {"untyped": True, "one_byte": False, "pumps": 2}
            for source, sink, from_client in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.pump, args=(pair, source, sink, from_client, state), daemon=True).start()

    def drop(self, pairs):
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def passes(self, data, from_client):
        """Whether the message may go on."""
        with self.lock:
            committed = self.postgres and not from_client and data[:1] == b"C" and b"COMMIT\0" in data
            self.messages += 1
            self.commits += committed
            if self.messages != self.cut and not (committed and self.commits == self.lose_commit):
                return True
            self.struck = True
            pairs, self.pairs = self.pairs, set()
        if self.strike:
            self.strike()
        self.drop(pairs)
        return False

    def pump(self, pair, source, sink, from_client, state):
        pending = b""
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                pending += data
                while True:
                    size = self.size(pending, from_client, state)
                    if not size or len(pending) < size:
                        break
                    message, pending = pending[:size], pending[size:]
                    if not self.passes(message, from_client):
                        return
                    sink.sendall(message)
        except OSError:
            pass
        finally:
            with self.lock:
                self.pairs.discard(pair)
                state["pumps"] -= 1
                last = state["pumps"] == 0
            self.drop([pair])
            for end in pair if last else ():
                end.close()

    def size(self, pending, from_client, state):
        """Bytes of the first message; None: not known yet."""
        if not self.postgres:
            return len(pending) or None
        if not from_client and state["one_byte"] and pending:
            state["one_byte"] = False
            return 1
        if from_client and state["untyped"]:
            if len(pending) < 8:
                return None
            size, code = struct.unpack("!II", pending[:8])
            state["one_byte"] = code in (SSL, GSS)
            state["untyped"] = state["one_byte"]
            return size
        return 1 + struct.unpack("!I", pending[1:5])[0] if len(pending) >= 5 else None

    def close(self):
        self.listener.close()
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        self.drop(pairs)
