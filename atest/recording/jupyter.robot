*** Settings ***
Documentation    What was said to one Jupyter kernel is said again to another one, signed with the key of that.

Resource         ../jupyter/jupyter.resource

Test Teardown    Stop Kernel
Test Timeout     5 minutes


*** Variables ***
${VOLATILE}    $.msg_id, $.session, $.date, $.started, $.engine, $.engine_info


*** Test Cases ***
Another Kernel Answers A Replayed Client In The Same Way
    Start Kernel
    Start Recording    ${OUTPUT DIR}/kernel-1.jsonl    sockets=shell    alias=first
    Execute    6*7
    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    Execute    1/0
    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    Stop Recording
    Stop Kernel
    Close All Zmq Sockets
    Start Kernel
    Start Recording    ${OUTPUT DIR}/kernel-2.jsonl    sockets=shell    alias=second
    ${sent}=    Replay Recording    first    socket=shell    layout=jupyter    speed=MAX    sender=shell
    Should Be Equal As Integers    ${sent}    2
    Receive Messages    2    layout=jupyter    socket=shell    timeout=20s
    Stop Recording
    # Frame 1 is the signature; each kernel has a key of its own.
    Recordings Should Be Equal    first    second    ignore=1, ${VOLATILE}
    Recording Should Contain    layout=jupyter    recording=second    receiver=shell
    ...    content={"ename": "ZeroDivisionError"}
