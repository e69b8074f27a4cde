*** Settings ***
Documentation     How long sockets live: until the end of the test or suite that opened them.
...
...               The suites are run in the order of their names: what one leaves open, the next one finds or misses.

Resource          ../resources/zmq.resource
Resource          lifetimes.resource

Suite Setup       Open In Each Library    directory
Suite Teardown    Close What Is Left
