"""Two clients that ask questions: `client.py [--naive] ENDPOINT QUESTION...` prints an answer, or `gave up`, for each.

A request is `[number, question]`, its reply `[number, answer]`. The lazy pirate (chapter 4 of the ZeroMQ guide) closes
its REQ when no reply comes in time and asks again on a new one, up to five times in all; and it takes no reply to
another request. The naive client keeps its socket and takes the next reply that comes for its answer.
"""

from __future__ import annotations

import sys

import zmq

ATTEMPTS = 5
PATIENCE = 2000


def lazy_pirate(context: zmq.Context, endpoint: str, questions: list[str]) -> None:
    for number, question in enumerate(questions, start=1):
        print(answer_of(context, endpoint, [b"%d" % number, question.encode()]) or "gave up", flush=True)


def answer_of(context: zmq.Context, endpoint: str, request: list[bytes]) -> str | None:
    for _ in range(ATTEMPTS):
        with context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(endpoint)
            socket.send_multipart(request)
            if socket.poll(PATIENCE):
                number, *answer = socket.recv_multipart()
                if number == request[0] and len(answer) == 1:
                    return answer[0].decode(errors="replace")
    return None


def naive(context: zmq.Context, endpoint: str, questions: list[str]) -> None:
    with context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(endpoint)
        for number, question in enumerate(questions, start=1):
            for _ in range(ATTEMPTS):
                socket.send_multipart([b"", b"%d" % number, question.encode()])
                if socket.poll(PATIENCE):
                    print(socket.recv_multipart()[-1].decode(errors="replace"), flush=True)
                    break
            else:
                print("gave up", flush=True)


if __name__ == "__main__":
    client, arguments = (naive, sys.argv[2:]) if sys.argv[1] == "--naive" else (lazy_pirate, sys.argv[1:])
    with zmq.Context() as everything:
        client(everything, arguments[0], arguments[1:])
