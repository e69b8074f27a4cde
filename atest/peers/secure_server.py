"""Replies with the sender's user id and text, as a server with pyzmq's own ThreadAuthenticator.

`secure_server.py curve CLIENT_DIRECTORY KEY_DIRECTORY` makes the certificate files `server.key` and `server.key_secret`
in KEY_DIRECTORY and lets in the clients whose files are in CLIENT_DIRECTORY. `secure_server.py plain USER PASSWORD`
lets in one user. Says `ready ADDRESS`.
"""

import sys

import zmq
from zmq import auth
from zmq.auth.thread import ThreadAuthenticator

mechanism, first, second = sys.argv[1:]
with zmq.Context() as context, context.socket(zmq.REP) as socket:
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    if mechanism == "curve":
        authenticator.configure_curve(domain="*", location=first)
        public_file, secret_file = auth.create_certificates(second, "server")
        socket.curve_publickey, socket.curve_secretkey = auth.load_certificate(secret_file)
        socket.curve_server = True
    else:
        authenticator.configure_plain(domain="global", passwords={first: second})
        socket.plain_server = True
        socket.zap_domain = b"global"
    socket.bind("tcp://127.0.0.1:*")
    print("ready", socket.last_endpoint.decode(), flush=True)
    while True:
        frame = socket.recv(copy=False)
        socket.send_string(f"{frame.get('User-Id')} said {frame.bytes.decode()}")
