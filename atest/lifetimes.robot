*** Settings ***
Documentation    How long sockets live. The suites of `_lifetimes` build on each other, so that a process runs them all:
...              under pabot each test is run by itself.

Resource         resources/zmq.resource

Test Timeout     3 minutes


*** Test Cases ***
Sockets And Collectors Live As Long As Was Said
    ${result}=    Run Process    ${PYTHON}    -m    robot    --output    NONE    --log    NONE    --report    NONE
    ...    ${CURDIR}/_lifetimes    stderr=STDOUT    timeout=150s    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    ${result.stdout}    values=False
