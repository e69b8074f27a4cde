*** Settings ***
Documentation    The suites of sockets, messages, patterns, waiting and formats through Robot's Remote library. Tests
...              that cannot pass so are listed in `_remote/cannot.txt`, each with its reason.

Resource         resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     10 minutes


*** Test Cases ***
Keywords Work On The Other Side Of A Remote Server
    [Tags]    slow
    ${url}=    Start Remote Server
    ${result}=    Run Process    ${PYTHON}    -m    robot    --output    NONE    --log    NONE    --report    NONE
    ...    --outputdir    ${OUTPUT DIR}/remote    --variable    LIBRARY:Remote    --variable    LIBRARY ARGUMENT:${url}
    ...    --variable    KEY:\%{ZMQ_ATEST_KEY}
    ...    --prerunmodifier    ${CURDIR}/_remote/WhatCan.py    --listener    ${CURDIR}/_remote/CloseAtEnds.py;${url}
    ...    --suite    sockets    --suite    messages    --suite    patterns    --suite    waiting    --suite    formats
    ...    ${CURDIR}    stdout=${OUTPUT DIR}/remote.txt    stderr=STDOUT    timeout=580s    on_timeout=kill
    ${output}=    Get File    ${OUTPUT DIR}/remote.txt
    Should Be Equal As Integers    ${result.rc}    0    ${output}    values=False
    Should Not Contain    ${output}    [ ERROR ]


*** Keywords ***
Start Remote Server
    ${server}=    Start Process    ${PYTHON}    -u    -m    ZmqLibrary    remote    --port    0
    ...    env:ZMQ_ATEST_KEY=swordfish    stderr=STDOUT
    ${line}=    Call Method    ${server.stdout}    readline
    RETURN    ${{$line.decode().split()[-1]}}
