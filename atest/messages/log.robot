*** Settings ***
Documentation    What the log says of messages: enough to follow a test, never too much.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
Messages Are Logged
    [Documentation]    LOG 1.1 INFO Sent from 'source' (PUSH): 'weather' | 'sunny'
    ...    LOG 1.2 NONE
    ...    LOG 2.1 INFO Received by 'sink' (PULL): 'weather' | 'sunny'
    Send Multipart    weather    sunny
    Receive Multipart    socket=sink

What Is Not Printable Is Logged As Escapes
    [Documentation]    LOG 1.1 INFO Sent from 'source' (PUSH): '\\x00\\xff\\n'
    ...    LOG 2.1 INFO Received by 'sink' (PULL): '\\x00\\xff\\n'
    Send Message    ${{b'\x00\xff\n'}}
    Receive Message    format=BYTES    socket=sink

Long Frames Are Cut
    [Documentation]    LOG 1.1 INFO REGEXP: Sent from 'source' \\(PUSH\\): 'x{512}'… \\(1000 bytes\\)
    ...    LOG 2.1 INFO REGEXP: Received by 'sink' \\(PULL\\): 'x{512}'… \\(1000 bytes\\)
    Send Message    ${{'x' * 1000}}
    Receive Message    socket=sink

Long Messages Are Cut
    [Documentation]    LOG 1.1 INFO REGEXP: Sent from 'source' \\(PUSH\\): ('x' \\| ){20}… 80 more frames
    Send Multipart    ${{['x'] * 100}}

Of Many Messages The First Ones Have A Line And The Last Ones Stand At The End
    [Documentation]    LOG 1.1.1.1 INFO Sent from 'source' (PUSH): 'job 1'
    ...    LOG 1.100.2.1 INFO Received by 'sink' (PULL): 'job 100'
    ...    LOG 1.100.2.2 INFO STARTS: This is message 200 of the test.
    ...    LOG 1.101.1.1 NONE
    ...    LOG 3 INFO GLOB: After the first 200 came 10 messages*'sink' (PULL): 'job 104'\n*'sink' (PULL): 'job 105'
    FOR    ${n}    IN RANGE    1    106
        Send Message    job ${n}
        Receive Message    socket=sink
    END
    No Operation

Bulk Is Counted
    [Documentation]    LOG 3.1 INFO Received by 'sink' (PULL): 2 messages.
    Send Message    one
    Send Message    two
    Receive Messages    2    socket=sink

Trying Tells What Happened
    [Documentation]    LOG 1.1 INFO No message is there for 'sink' (PULL).
    ...    LOG 3.1 INFO Not sent from 'lonely' (PUSH): no peer took the message at once.
    Try To Receive Message    socket=sink
    Open Zmq Socket    PUSH    lonely
    Try To Send Message    hello

Opening And Closing Are Logged
    [Documentation]    LOG 1.1 INFO GLOB: Bound 'other' (PULL) to inproc://log.
    ...    LOG 2.1 INFO GLOB: Connected 'again' (PUSH) to inproc://log.
    ...    LOG 3.1 INFO GLOB: Closed socket 'again'.
    Bind Zmq Socket    inproc://log    PULL    other
    Connect Zmq Socket    inproc://log    PUSH    again
    Close Zmq Socket
