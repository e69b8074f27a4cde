*** Comments ***
# robocop: off=VAR05


*** Settings ***
Documentation     A real service: the process manager circus: JSON commands over ROUTER, events over PUB.
...
...               See https://circus.readthedocs.io/en/latest/man/commands/ for the commands.

Resource          ../resources/zmq.resource

Suite Setup       Start Circus
Suite Teardown    Quit Circus
Test Timeout      2 minutes


*** Test Cases ***
List The Watchers
    ${answer}=    Command    list
    Should Be Equal    ${answer}[status]    ok
    Should Be Equal    ${answer}[watchers]    ${{['idle']}}

The Answer Has The Id Of The Command
    ${id}=    Evaluate    uuid.uuid4().hex
    Send Request    {"id": "${id}", "command": "list", "properties": {}}    format=JSON
    Received Message Should Have Frames    1
    Received Message Should Contain    {"id": "${id}", "status": "ok"}    format=JSON
    Get Received Frame    0    then    value["id"]    format=JSON

The Status Of A Watcher
    ${answer}=    Command    status    name=idle
    Should Be Equal    ${answer}[status]    active
    ${answer}=    Command    status
    Should Be Equal    ${answer}[statuses]    ${{{'idle': 'active'}}}

One Process More
    ${before}=    Command    numprocesses    name=idle
    ${answer}=    Command    incr    name=idle    waiting=${True}
    Should Be Equal As Integers    ${answer}[numprocesses]    ${${before}[numprocesses] + 1}
    ${after}=    Command    numprocesses    name=idle
    Should Be Equal As Integers    ${after}[numprocesses]    ${${before}[numprocesses] + 1}
    [Teardown]    Command    decr    name=idle    waiting=${True}

An Unknown Command Is Refused
    ${answer}=    Command    make_coffee
    Should Be Equal    ${answer}[status]    error
    Should Be Equal    ${answer}[errno]    ${2}
    Received Message Should Contain    make_coffee

An Unknown Watcher Is Refused
    ${answer}=    Command    status    name=nobody
    Should Be Equal    ${answer}[status]    error
    Should Be Equal    ${answer}[errno]    ${3}

Broken Json Is Refused
    Send Message    {"id": 1, "command":
    ${answer}=    Receive Message    format=JSON
    Should Be Equal    ${answer}[status]    error
    Should Be Equal    ${answer}[errno]    ${1}
    Should Be Equal    ${answer}[id]    ${None}

Json Is Checked Before It Is Sent
    Run Keyword And Expect Error    Frame 0 (a str) cannot be sent as JSON:*Nothing was sent.
    ...    Send Message    {"id": 1, "command":    format=JSON
    ${nothing}=    Try To Receive Message
    Should Be Equal    ${nothing}    ${None}

A Start Is Published
    Command    stop    name=idle    waiting=${True}
    Connect Zmq Socket    ${PUBLISHER}    SUB    events    subscribe=watcher.idle.start
    Start Until It Is Published
    Received Message Should Match    watcher.idle.start    {"time": *}    socket=events
    ${message}=    Get Received Message    format=TEXT,JSON    socket=events
    Should Be True    ${message}[1][time] > 0
    ${answer}=    Command    status    name=idle
    Should Be Equal    ${answer}[status]    active

Many Commands On The Way At Once
    FOR    ${n}    IN RANGE    20
        Send Message    {"id": "${n}", "command": "list", "properties": {}}    format=JSON
    END
    ${answers}=    Receive Messages    20    format=JSON
    ${ids}=    Evaluate    [answer[0]['id'] for answer in $answers]
    Should Be Equal    ${ids}    ${{[str(n) for n in range(20)]}}

What Was Asked Once Is Asked Again And Answered In The Same Way
    Start Recording    ${OUTPUT DIR}/circus-1.jsonl    sockets=circus    alias=first
    Command    numprocesses    name=idle
    Command    status    name=idle
    Command    make_coffee
    Stop Recording
    Start Recording    ${OUTPUT DIR}/circus-2.jsonl    sockets=circus    alias=second
    Replay Recording    first    socket=circus    speed=MAX
    Receive Messages    3    socket=circus    timeout=30s
    Stop Recording
    Recordings Should Be Equal    first    second    ignore=$.time


*** Keywords ***
Start Circus
    ${commands}=    Reserve Zmq Endpoint
    ${events}=    Reserve Zmq Endpoint
    VAR    ${PUBLISHER}=    ${events}    scope=SUITE
    VAR    ${DIRECTORY}=    ${{tempfile.mkdtemp()}}    scope=SUITE
    ${ini}=    Get File    ${CURDIR}/circus.ini
    ${ini}=    Format String    ${ini}    commands=${commands}    publisher=${PUBLISHER}    python=${PYTHON}
    Create File    ${DIRECTORY}/circus.ini    ${ini}
    Start Process    ${PYTHON}    -m    circus.circusd    circus.ini    alias=circus    cwd=${DIRECTORY}
    ...    stdout=${DIRECTORY}/circus.log    stderr=STDOUT
    Connect Zmq Socket    ${commands}    DEALER    circus    timeout=60s
    ${answer}=    Command    list
    Should Be Equal    ${answer}[status]    ok

Command
    [Documentation]    Sends a command and returns the answer with its id; answers to earlier commands are passed over.
    [Arguments]    ${command}    &{properties}
    ${id}=    Evaluate    uuid.uuid4().hex
    VAR    &{request}=    id=${id}    command=${command}    properties=${properties}
    ${answer}=    Send Request    ${request}    format=JSON    socket=circus    timeout=30s
    WHILE    $answer[0]['id'] != $id    limit=20
        ${answer}=    Receive Multipart    format=JSON    socket=circus    timeout=30s
    END
    RETURN    ${answer}[0]

Start Until It Is Published
    [Documentation]    A subscription needs a moment to get to the publisher, and circus does not tell when it has come.
    WHILE    True    limit=20
        Command    start    name=idle    waiting=${True}
        ${event}=    Run Keyword And Return Status    Receive Multipart    socket=events    timeout=500ms
        IF    ${event}    BREAK
        Command    stop    name=idle    waiting=${True}
    END

Quit Circus
    [Documentation]    Ends circus with its own command, and with force if that does not help.
    Run Keyword And Continue On Failure    Command    quit    waiting=${True}
    ${result}=    Wait For Process    circus    timeout=30s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    circus has not quit: ${result.stdout}
    Remove Directory    ${DIRECTORY}    recursive=True
