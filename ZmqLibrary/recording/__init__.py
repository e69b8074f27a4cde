"""Recordings: what sockets, mock servers and proxies said to each other, in a file; and captures of networks.

| reel | messages in little memory |
| recording | what was loaded: messages, connections, events; which of them are meant |
| tape | the file of JSON lines: one line written, a file read |
| packets | network packets: from the link layer to TCP segments |
| tcp | segments put together into the two streams of a connection |
| boundaries | where messages begin in a stream whose beginning is missing |
| capture | a pcap or pcapng file as a recording |
| loading | which of these a file is |
| names | who is at the other end of a connection |
| writer | the thread that writes lines |
| recorder | sees what sockets send and receive, and has it written |
| equality | whether two recordings have the same messages |
| replaying | what is sent again, and when; which reply belongs to which request |
"""
