*** Settings ***
Documentation    Recordings of sockets with foreign peers, over tcp and ipc, and the message flow of what was said.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     2 minutes


*** Test Cases ***
What A Foreign Peer Sends Is Recorded With Its Address
    [Template]    A Foreign Peer Is Recorded
    tcp    *127.0.0.1:*
    ipc    *

A Message That Was Dropped On Its Way Is In The Diagram
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    jobs
    ${target}=    Get Zmq Endpoint
    Start Proxy    ${target}    alias=link
    ${address}=    Get Proxy Endpoint
    Connect Zmq Socket    ${address}    PUSH    work
    Proxy Drops Messages    lost    name=loss
    Send Message    lost    socket=work
    Send Message    kept    socket=work
    Receive Message    socket=jobs
    ${svg}=    Log Message Flow
    FOR    ${word}    IN    work    PUSH    link    jobs    PULL    'lost' ⚡loss    'kept'
        Should Contain    ${svg}    ${word}
    END
    ${mermaid}=    Log Message Flow    format=MERMAID    path=${OUTPUT DIR}/flow.mmd
    BuiltIn.Should Start With    ${mermaid}    sequenceDiagram
    File Should Exist    ${OUTPUT DIR}/flow.mmd

A Diagram Of Some Sockets Only
    Bind Zmq Socket    inproc://a    PULL    jobs
    Connect Zmq Socket    inproc://a    PUSH    work
    Send Message    one    socket=work
    Send Message    two    socket=work
    ${text}=    Log Message Flow    sockets=work    last=1    format=MERMAID
    Should Contain    ${text}    'two'
    Should Not Contain    ${text}    'one'

A Recording Is Written While Messages Move
    Start Recording    ${OUTPUT DIR}/moving.jsonl
    Bind Zmq Socket    inproc://moving    PULL    jobs
    Connect Zmq Socket    inproc://moving    PUSH    work
    Send Message    now    socket=work
    Wait Until Keyword Succeeds    20s    50ms    File Should Have Messages    ${OUTPUT DIR}/moving.jsonl    1

A Wrong Argument Starts Nothing
    Run Keyword And Expect Error    *There is no socket 'nobody'*
    ...    Start Recording    ${OUTPUT DIR}/never-begun.jsonl    sockets=nobody
    File Should Not Exist    ${OUTPUT DIR}/never-begun.jsonl
    Run Keyword And Expect Error    *nowhere.jsonl cannot be read*    Load Recording    ${OUTPUT DIR}/nowhere.jsonl
    Run Keyword And Expect Error    *speed=0 cannot be used*    Replay Recording    speed=0
    Run Keyword And Expect Error    *last=0 cannot be used*    Log Message Flow    last=0


*** Keywords ***
A Foreign Peer Is Recorded
    [Arguments]    ${transport}    ${sender}
    VAR    ${TRANSPORT}=    ${transport}    scope=TEST    # robocop: off=no-test-variable
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    jobs
    ${address}=    Get Zmq Endpoint
    Start Recording    ${OUTPUT DIR}/foreign.jsonl    sockets=jobs
    Start Process    ${PYTHON}    -m    ZmqLibrary    send    ${address}    --source    -    stdin=PIPE    alias=sender
    Write Line To Peer    sender    hi
    Receive Message    socket=jobs    timeout=20s
    @{messages}=    Get Recorded Messages
    Length Should Be    ${messages}    1
    Should Match    ${messages[0].sender}    ${sender}
    Should Be Equal    ${messages[0].receiver}    jobs
    Should Be Equal    ${messages[0].sender_type}    PUSH
    [Teardown]    Run Keywords    Stop Recording    AND    Close Zmq Socket    jobs    AND    Stop Peers

Write Line To Peer
    [Documentation]    The peer stays until its input ends: libzmq tells the port only of a connection that is open.
    [Arguments]    ${alias}    ${line}
    ${process}=    Get Process Object    ${alias}
    Call Method    ${process.stdin}    write    ${{$line.encode() + b'\n'}}
    Call Method    ${process.stdin}    flush

File Should Have Messages
    [Arguments]    ${path}    ${count}
    ${text}=    Get File    ${path}
    ${messages}=    Evaluate    [line for line in $text.splitlines() if '"frames"' in line]
    Should Be True    len($messages) >= ${count}
