*** Settings ***
Documentation    What failing tests look like: the error, and the evidence in the log of the keyword that failed.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
No Message
    [Documentation]    FAIL GLOB: No message from 'sink' (PULL, tcp://127.0.0.1:*) in 50 milliseconds.*
    ...    LOG 1.1 INFO GLOB: <details><summary>Evidence: socket &#x27;sink&#x27; (PULL), tcp://127.0.0.1:*LISTENING*
    ...    LOG 1.2 FAIL GLOB: No message from 'sink'*
    Receive Message    socket=sink    timeout=50ms

Another Message Than Expected
    [Documentation]    FAIL GLOB: The message received by 'sink' (PULL) is not as expected.*
    ...    LOG 3.1 INFO GLOB: <details>*received*00 ff 41*
    Send Message    ${{b'\x00\xffA'}}
    Receive Message    format=BYTES    socket=sink
    Received Message Should Equal    other

Markup From The Wire Is Escaped
    [Documentation]    FAIL GLOB: The message received by 'sink' (PULL) is not as expected.*
    ...    LOG 3.1 INFO GLOB: <details>*&lt;script&gt;*
    Send Message    <script>
    Receive Message    socket=sink
    Received Message Should Equal    other

A Secret Is Not In The Evidence
    [Documentation]    FAIL GLOB: Socket 'source' (PUSH) cannot receive: PUSH sockets only send*
    ...    LOG 2.1 INFO GLOB: <details>*sent*&lt;secret&gt;*
    Send Message    ${{robot.api.types.Secret('sesame')}}
    Receive Message    socket=source
