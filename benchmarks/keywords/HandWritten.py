"""What a tester writes in ten lines: as little as possible between Robot and pyzmq."""

import zmq


class HandWritten:
    ROBOT_LIBRARY_SCOPE = "SUITE"

    def open(self):
        self.sockets = {name: zmq.Context.instance().socket(zmq.PAIR) for name in ("in", "out")}
        self.sockets["in"].bind("tcp://127.0.0.1:*")
        self.sockets["out"].connect(self.sockets["in"].get_string(zmq.LAST_ENDPOINT))

    def send_multipart(self, *frames, socket="in"):
        self.sockets[socket].send_multipart([frame.encode() for frame in frames])

    def receive_multipart(self, socket="in"):
        return [frame.decode() for frame in self.sockets[socket].recv_multipart()]
