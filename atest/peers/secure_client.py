"""Sends one request and prints the reply, or `refused` and the event that tells so, as a plain pyzmq client.

`secure_client.py curve ENDPOINT SERVER_FILE CLIENT_SECRET_FILE` reads certificate files with `zmq.auth`;
`secure_client.py plain ENDPOINT USER PASSWORD`; `secure_client.py null ENDPOINT - -`.
"""

import sys
from contextlib import suppress

import zmq
from zmq import auth
from zmq.utils.monitor import recv_monitor_message

mechanism, endpoint, first, second = sys.argv[1:]
with zmq.Context() as context, context.socket(zmq.REQ) as socket:
    socket.linger = 0
    if mechanism == "curve":
        socket.curve_serverkey = auth.load_certificate(first)[0]
        socket.curve_publickey, socket.curve_secretkey = auth.load_certificate(second)
    elif mechanism == "plain":
        socket.plain_username, socket.plain_password = first.encode(), second.encode()
    failures = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    monitor = socket.get_monitor_socket(failures | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    print("ready", flush=True)
    socket.connect(endpoint)
    with suppress(zmq.Again):  # where the server has refused already, there is nobody to send to
        socket.send_string("hello", zmq.NOBLOCK)
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(monitor, zmq.POLLIN)
    happened = dict(poller.poll(10_000))
    if socket in happened:
        print(socket.recv_string(), flush=True)
    else:
        event = recv_monitor_message(monitor) if happened else {"event": "nothing", "value": 0}
        name = getattr(event["event"], "name", event["event"])
        print("refused", name, int(event["value"]), flush=True)
    socket.disable_monitor()
    monitor.close()
