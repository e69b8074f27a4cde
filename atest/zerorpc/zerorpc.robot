*** Settings ***
Documentation     Talking to a real zerorpc server, which serves the functions of Python's module `operator`.

Resource          ../resources/zmq.resource

Suite Setup       Start Server
Suite Teardown    Stop Peers
Test Timeout      1 minute


*** Test Cases ***
A Function Is Called
    Call    add    ${20}    ${22}
    ${reply}=    Receive Multipart    layout=zerorpc
    Should Be Equal    ${reply.event}[1:]    ${{['OK', [42]]}}
    Get Received Json    $[2][0]    ==    42    format=MSGPACK    frame=event

The Answer Names The Call
    ${id}=    Call    mul    ${6}    ${7}
    ${reply}=    Receive Multipart    layout=zerorpc
    Should Be Equal    ${reply.event}[0][response_to]    ${id}

Division By Zero
    Call    truediv    ${1}    ${0}
    ${reply}=    Receive Multipart    layout=zerorpc
    Should Be Equal    ${reply.event}[1]    ERR
    Received Json Should Contain    ["ERR", ["ZeroDivisionError", "division by zero"]]    format=MSGPACK

An Unknown Function
    Call    no_such_function
    Receive Multipart    layout=zerorpc
    Get Received Json    $[2][0]    ==    NameError    format=MSGPACK
    Get Received Json    $[2][1]    contains    no_such_function    format=MSGPACK

What Is Not Msgpack Gets No Reply And Does No Harm
    Send Multipart    ${EMPTY}    ${{b'\xc1'}}    format=BYTES
    ${id}=    Call    neg    ${1}
    ${reply}=    Receive Multipart    layout=zerorpc
    Should Be Equal    ${reply.event}[0][response_to]    ${id}


*** Keywords ***
Start Server
    ${import}=    Run Process    ${PYTHON}    -c    import zerorpc.cli    stderr=STDOUT
    Skip If    ${import.rc} != 0    zerorpc cannot be used with this Python: ${import.stdout}
    ${address}=    Reserve Zmq Endpoint    # zerorpc does not tell which port it has bound
    Start Process    ${PYTHON}    -c    import sys, zerorpc.cli; sys.exit(zerorpc.cli.main())
    ...    --server    --bind    ${address}    operator    alias=server    stderr=STDOUT
    Define Message Layout    zerorpc    delimiter=EMPTY    event=MSGPACK
    Connect Zmq Socket    ${address}    DEALER    client    timeout=60s

Call
    [Arguments]    ${function}    @{arguments}
    ${id}=    Evaluate    uuid.uuid4().hex
    VAR    &{header}=    message_id=${id}    v=${3}
    VAR    @{event}=    ${header}    ${function}    ${arguments}
    Send Multipart    layout=zerorpc    event=${event}
    RETURN    ${id}
