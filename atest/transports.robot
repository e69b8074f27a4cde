*** Settings ***
Documentation    The suites about sockets, messages and patterns once more, over the other transports.

Resource         resources/zmq.resource

Test Timeout     8 minutes
Test Template    Suites Pass Over


*** Test Cases ***
Ipc
    [Tags]    ipc
    ipc    tcpORslow
Inproc
    inproc    tcpORslowORpeer


*** Keywords ***
Suites Pass Over
    [Documentation]    Runs them with a second Robot; what it prints is the error.
    [Arguments]    ${transport}    ${excluded}
    ${result}=    Run Process
    ...    ${PYTHON}
    ...    -m
    ...    robot
    ...    --variable
    ...    TRANSPORT:${transport}
    ...    --exclude
    ...    ${excluded}
    ...    --outputdir
    ...    ${OUTPUT DIR}/${transport}
    ...    --log
    ...    NONE
    ...    --report
    ...    NONE
    ...    --consolecolors
    ...    off
    ...    --console
    ...    dotted
    ...    ${CURDIR}/sockets
    ...    ${CURDIR}/messages
    ...    ${CURDIR}/patterns
    ...    stderr=STDOUT
    ...    timeout=470s
    ...    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    Over ${transport}:\n${result.stdout}    values=False
