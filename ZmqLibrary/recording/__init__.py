"""Recordings: what sockets, mock servers and proxies said to each other, in a file; and captures of networks.

| reel | messages in little memory |
| recording | what was loaded: messages, connections, events; which of them are meant |
| tape | the file of JSON lines: one line written, a file read |
| packets | network packets: from the link layer to TCP segments |
| tcp | segments put together into the two streams of a connection |
| boundaries | where messages begin in a stream whose beginning is missing |
| conversation | one connection of a capture: segments in, messages and events out |
| capture_file | the packets in pcap and pcapng files |
| capture | a pcap or pcapng file as a recording |
| loading | which of these a file is |
| names | who is at the other end of a connection |
| writer | hands lines to the process that writes them |
| tape_lines | the lines, and the program of that process |
| recorder | sees what sockets send and receive, and has it written |
| equality | whether two recordings have the same messages |
| replaying | what is sent again, and when; which reply belongs to which request |
| overview | what a recording holds, for errors and the log |
| witnesses | what sockets and proxies remember, for the message flow |
| flow | the message flow: what these have seen in one diagram |
"""
