"""robotremoteserver with a keyword that does what `Get Zmq Socket Option` does. Prints where it listens."""

from __future__ import annotations

import zmq
from robot.api import logger
from robotremoteserver import RobotRemoteServer


class OneSocket:
    def __init__(self) -> None:
        self.socket = zmq.Context().socket(zmq.PULL)

    def get_zmq_socket_option(self, name: str, socket: str | None = None) -> int:
        value = self.socket.get(getattr(zmq, name))
        logger.debug(f"{name} of {socket} is {value}.")
        return int(value)


server = RobotRemoteServer(OneSocket(), port=0, serve=False)
print(f"http://127.0.0.1:{server.activate()}", flush=True)
server.serve(log=False)
