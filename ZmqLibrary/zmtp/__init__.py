"""ZMTP, the ZeroMQ Message Transport Protocol, on bytes; only `transport` and `peer` do I/O.

| frames | headers and bodies: encode, and find them in a buffer |
| runs | messages of one shape, found and counted in one step |
| greeting | who speaks which version with which mechanism |
| commands | READY, ERROR, SUBSCRIBE, CANCEL, PING, PONG … and metadata |
| observer | watches a connection that two others have |
| handshake | NULL and PLAIN, client and server |
| opening | greetings and handshake of one end |
| events, connection | one end of a connection: bytes in, events out; messages in, bytes out |
| transport, peer | such an end on a TCP or Unix socket |
"""
