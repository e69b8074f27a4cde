"""A TCP server that is no ZeroMQ peer: `not_zeromq.py HTTP|SILENT` answers like a web server, or never."""

import socket
import sys

kind = sys.argv[1]
with socket.create_server(("127.0.0.1", 0)) as server:
    print(f"ready tcp://127.0.0.1:{server.getsockname()[1]}", flush=True)
    connections = []
    while True:
        connection, _ = server.accept()
        connections.append(connection)
        if kind == "HTTP":
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
