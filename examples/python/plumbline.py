"""A client of a Plumbline gateway in the standard library of Python 3.9 and later.

    gateway = Gateway("http://127.0.0.1:8080", token)
    status, answer = gateway.submit(application, channel="web", wait="2s")
    answer = gateway.upload("applications.csv", channel="web")
    for sequence, score in gateway.decisions(start=1): ...
"""

import base64
import json
import os
import socket
import ssl
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

TRIES = 10
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
BAD_FRAME, UNAUTHENTICATED, GONE = 4400, 4401, 4410


class Refused(Exception):
    """The gateway said no, for good."""


class Gateway:
    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.token = token

    def submit(self, application, channel, wait=None):
        """Submits a dict, or the bytes of one. Returns (200, the score), (202, {"application_id", "sequence"}) or
        (4xx, the problem, whose "detail" says what is wrong)."""
        body = application if isinstance(application, bytes) else json.dumps(application).encode()
        query = {"channel": channel, **({"wait": wait} if wait else {})}
        return self._post("/v1/applications", query, body, "application/json")

    def batch(self, applications, channel):
        """Submits up to 1,000 at once. Returns the counts, and of each "items" what became of it."""
        return self._many(channel, json.dumps(applications).encode(), "application/json")

    def upload(self, path, channel):
        """Uploads a .csv or .jsonl file of up to 64 MiB and 100,000 applications; the answer is as of a batch."""
        with open(path, "rb") as file:
            content = file.read()
        boundary = base64.urlsafe_b64encode(os.urandom(18)).decode()
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{os.path.basename(path)}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self._many(channel, body, f"multipart/form-data; boundary={boundary}")

    def decisions(self, start="now", channels=(), decisions=(), on_gap=None):
        """Yields (sequence, score) of every decision from a sequence on, for ever: it reconnects by itself and goes on
        where it was. Those that are no longer kept are told to on_gap(first sequence that is). Raises Refused."""
        waits = 0
        while True:
            connection, first_kept = None, None
            try:
                connection = _WebSocket(f"{self.url}/v1/stream")
                subscription = {"channels": list(channels), "decisions": list(decisions), "from": start}
                connection.send(TEXT, json.dumps({"type": "subscribe", "token": self.token, **subscription}).encode())
                for text in connection.texts():
                    frame = json.loads(text)
                    first_kept = frame.get("first_sequence", first_kept)
                    if frame["type"] == "score":
                        waits = 0
                        yield frame["sequence"], frame["score"]
                        start = frame["sequence"] + 1
                code, reason = connection.closed
                if code in (BAD_FRAME, UNAUTHENTICATED):
                    raise Refused(f"{code}: {reason}")
                if code == GONE and first_kept is not None:
                    start = first_kept
                    if on_gap:
                        on_gap(first_kept)
                    continue
            except (OSError, EOFError):
                pass
            finally:
                if connection:
                    connection.socket.close()
            time.sleep(min(15, 0.25 * 2**waits))
            waits += 1

    def _many(self, channel, body, content_type):
        status, answer = self._post("/v1/applications/batch", {"channel": channel}, body, content_type)
        if status != 200:
            raise Refused(f"{status}: {answer['detail']}")
        return answer

    def _post(self, path, query, body, content_type):
        """Sends it again while the gateway is away or asks for patience: nothing is taken twice."""
        address = f"{self.url}{path}?{urllib.parse.urlencode(query)}"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        for tries_left in reversed(range(TRIES)):
            wait_s = 1.0
            try:
                request = urllib.request.Request(address, body, headers)
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503) or tries_left == 0:
                    return error.code, json.load(error)
                wait_s = float(error.headers.get("Retry-After") or 1)
            except OSError:
                if tries_left == 0:
                    raise
            time.sleep(wait_s)
        raise AssertionError("unreachable")


class _WebSocket:
    """As much of RFC 6455 as the stream needs: text frames of any size in, small ones out."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        port = parts.port or (443 if secure else 80)
        self.closed = (1006, "")
        self.socket = socket.create_connection((parts.hostname, port), timeout=10)
        if secure:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=parts.hostname)
        # The gateway asks every 15 seconds whether we are there: silence for longer means that it is gone.
        self.socket.settimeout(40)
        self.input = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        status = self.input.readline()
        if b" 101 " not in status:
            raise OSError(f"no WebSocket at {url}: {status!r}")
        while self.input.readline() not in (b"\r\n", b""):
            pass

    def send(self, opcode, payload):
        length = len(payload)
        size = struct.pack("!B", 0x80 | length) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(struct.pack("!B", 0x80 | opcode) + size + mask + masked)

    def texts(self):
        """The text frames until the other side closes, which sets `closed`."""
        while True:
            first, size = self._read(2)
            if size == 126:
                (size,) = struct.unpack("!H", self._read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._read(8))
            payload = self._read(size)
            opcode = first & 0x0F
            if opcode == TEXT:
                yield payload.decode()
            elif opcode == PING:
                self.send(PONG, payload)
            elif opcode == CLOSE:
                self.closed = (struct.unpack("!H", payload[:2])[0], payload[2:].decode()) if payload else (1005, "")
                return

    def _read(self, length):
        data = self.input.read(length)
        if len(data) < length:
            raise EOFError
        return data
