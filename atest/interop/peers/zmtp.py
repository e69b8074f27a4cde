"""A ZeroMQ peer without libzmq: speaks ZMTP 3.1, 3.0, 2.0 or 1.0 over TCP, by the specifications (RFC 37, 23, 15, 13).

`zmtp.py VERSION TYPE ADDRESS STEP...` runs the steps on one connection and ends. ADDRESS `*` listens instead, and runs
the steps for each connection, one after the other. It prints `ready` and the address, then a line for what it sees.
Frames of a message are separated by `|`. The steps:

    handshake             greeting and READY; with PLAIN after plain=NAME:PASSWORD
    property=NAME:VALUE   one more property in READY        lower      READY with names in lower case
    send=FRAMES           one message                       big=SIZE   a message of one frame of so many bytes
    receive               waits for one message and prints it, a long one as its length
    echo                  sends every message back          ping       sends PING and waits for its PONG
    subscribe=TOPIC       and cancel=TOPIC: as commands in 3.1, as messages before
    raw=HEX               these bytes, whatever they mean   wait       reads until the other side closes
    subscription          waits for a subscription, prints it and how it came
    close                 closes the connection             reset      closes it with RST
    silent                reads, and answers nothing any more, not even PING
    again=TIMES           connects again, so often
"""

from __future__ import annotations

import socket
import struct
import sys

TYPES = ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH"]
MORE, LONG, COMMAND = 1, 2, 4


class Peer:
    """One connection."""

    def __init__(self, connection: socket.socket, version: str, kind: str) -> None:
        self.connection = connection
        self.version = version
        self.kind = kind
        self.properties = [(b"Socket-Type", kind.encode())]
        self.user: tuple[bytes, bytes] | None = None
        connection.settimeout(15)

    def run(self, steps: list[str]) -> None:
        for step in steps:
            name, _, value = step.partition("=")
            getattr(self, name)(*([value] if "=" in step else []))

    # The handshake

    def property(self, text: str) -> None:
        name, _, value = text.partition(":")
        self.properties.append((name.encode(), value.encode()))

    def lower(self) -> None:
        self.properties = [(name.lower(), value) for name, value in self.properties]

    def plain(self, text: str) -> None:
        name, _, password = text.partition(":")
        self.user = name.encode(), password.encode()

    def handshake(self) -> None:
        if self.version == "1.0":
            self.write(b"\x01\x00")
            self.read_old_frame()
        elif self.version == "2.0":
            self.write(b"\xff" + bytes(8) + b"\x7f\x01" + bytes([TYPES.index(self.kind)]) + b"\x00\x00")
            self.read(12)
            self.read_frame()
        else:
            self.greet()
            self.introduce()

    def greet(self) -> None:
        mechanism = b"PLAIN" if self.user else b"NULL"
        minor = int(self.version[-1])
        self.write(b"\xff" + bytes(8) + b"\x7f\x03" + bytes([minor]) + mechanism.ljust(20, b"\0") + bytes(32))
        greeting = self.read(64)
        if greeting[12:32].rstrip(b"\0") != mechanism:
            say("other mechanism", greeting[12:32].rstrip(b"\0"))

    def introduce(self) -> None:
        metadata = b"".join(
            bytes([len(name)]) + name + struct.pack(">I", len(value)) + value for name, value in self.properties
        )
        if self.user is None:
            self.command(b"READY", metadata)
        else:
            name, password = self.user
            self.command(b"HELLO", bytes([len(name)]) + name + bytes([len(password)]) + password)
            if not self.expect(b"WELCOME"):
                return
            self.command(b"INITIATE", metadata)
        self.expect(b"READY")

    def expect(self, name: bytes) -> bool:
        _, body = self.read_frame()
        if not body[1:].startswith(name):
            say("refused", body[1:])
        return body[1:].startswith(name)

    # Messages

    def send(self, text: str) -> None:
        frames = text.encode().split(b"|")
        for number, frame in enumerate(frames, 1):
            self.write(self.frame(frame, MORE if number < len(frames) else 0))

    def big(self, size: str) -> None:
        self.write(self.frame(b"x" * int(size), 0))

    def receive(self) -> None:
        frames = self.read_message()
        say("received", b"|".join(frame if len(frame) < 300 else b"%d bytes" % len(frame) for frame in frames))

    def echo(self) -> None:
        while True:
            frames = self.read_message()
            for number, frame in enumerate(frames, 1):
                self.write(self.frame(frame, MORE if number < len(frames) else 0))

    def subscribe(self, topic: str) -> None:
        if self.version == "3.1":
            self.command(b"SUBSCRIBE", topic.encode())
        else:
            self.write(self.frame(b"\x01" + topic.encode(), 0))

    def cancel(self, topic: str) -> None:
        if self.version == "3.1":
            self.command(b"CANCEL", topic.encode())
        else:
            self.write(self.frame(b"\x00" + topic.encode(), 0))

    def subscription(self) -> None:
        flags, body = self.read_old_frame() if self.version == "1.0" else self.read_frame()
        say("command" if flags & COMMAND else "message", body.removeprefix(b"\x09SUBSCRIBE").removeprefix(b"\x01"))

    def ping(self) -> None:
        self.command(b"PING", b"\x00\x64hello")
        while not (body := self.read_frame()[1]).startswith(b"\x04PONG"):
            self.obey(body)
        say("pong", body[5:])

    # Trouble

    def raw(self, digits: str) -> None:
        self.write(bytes.fromhex(digits))

    def close(self) -> None:
        self.connection.close()

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def silent(self) -> None:
        while self.connection.recv(4096):
            pass

    def wait(self) -> None:
        """Until the other side closes."""
        while True:
            self.read_message()

    # Frames

    def frame(self, body: bytes, flags: int) -> bytes:
        if self.version == "1.0":
            size = len(body) + 1
            head = bytes([size]) if size < 255 else b"\xff" + struct.pack(">Q", size)
            return head + bytes([flags]) + body
        if len(body) > 255:
            return bytes([flags | LONG]) + struct.pack(">Q", len(body)) + body
        return bytes([flags, len(body)]) + body

    def command(self, name: bytes, data: bytes = b"") -> None:
        self.write(self.frame(bytes([len(name)]) + name + data, COMMAND))

    def read_message(self) -> list[bytes]:
        frames = []
        while True:
            flags, body = self.read_old_frame() if self.version == "1.0" else self.read_frame()
            if flags & COMMAND:
                self.obey(body)
                continue
            frames.append(body)
            if not flags & MORE:
                return frames

    def obey(self, body: bytes) -> None:
        """Answers PING, and shows other commands."""
        if body.startswith(b"\x04PING"):
            self.command(b"PONG", body[7:])
            say("ping")
        else:
            say("command", body[1:])

    def read_frame(self) -> tuple[int, bytes]:
        flags = self.read(1)[0]
        (size,) = struct.unpack(">Q", self.read(8)) if flags & LONG else self.read(1)
        return flags & ~LONG, self.read(size)

    def read_old_frame(self) -> tuple[int, bytes]:
        (size,) = self.read(1)
        if size == 255:
            (size,) = struct.unpack(">Q", self.read(8))
        return self.read(1)[0] & MORE, self.read(size - 1)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.connection.recv(size - len(data))
            if not part:
                raise ConnectionAbortedError
            data += part
        return data

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)


def say(word: str, data: bytes = b"") -> None:
    print(word, data.decode("latin-1"), flush=True)


def play(connection: socket.socket, version: str, kind: str, steps: list[str]) -> None:
    with connection:
        try:
            Peer(connection, version, kind).run(steps)
        except (ConnectionError, TimeoutError) as error:
            say("closed", type(error).__name__.encode())


def main(version: str, kind: str, address: str, *steps: str) -> None:
    if address == "*":
        with socket.create_server(("127.0.0.1", 0)) as server:
            say(f"ready tcp://127.0.0.1:{server.getsockname()[1]}")
            while True:
                play(server.accept()[0], version, kind, list(steps))
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    times = next((int(step[6:]) for step in steps if step.startswith("again=")), 1)
    say("ready", address.encode())
    for _ in range(times):
        connection = socket.create_connection((host, int(port)))
        play(connection, version, kind, [step for step in steps if not step.startswith("again=")])
    say("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
