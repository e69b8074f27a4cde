*** Comments ***
# robocop: off=VAR06, LEN08


*** Settings ***
Documentation    What workers did is in the log of the next keyword of the library that ends.

Resource         ../resources/zmq.resource

Test Setup       Collect From A Peer
Test Timeout     1 minute


*** Test Cases ***
Messages Are Shown With Their Time
    [Documentation]
    ...    LOG 2.2 INFO REGEXP: What workers did since they were last logged:\\n\\d\\d:\\d\\d:\\d\\d\\.\\d{3}  feed: received 'price' \\| '42'
    ...    LOG 3.1 INFO NONE
    Send From A Peer    1    price    42
    Wait For Collected Message    price
    Get Workers

Many Messages Are Folded And Counted
    [Documentation]
    ...    LOG 2.2 INFO GLOB: <details><summary>What workers did since they were last logged (201 lines)</summary>*1,300 earlier left out*feed: received*</pre></details>
    Send From A Peer    1500    price    42
    Collected Message Count Should Be    ==    1500


*** Keywords ***
Collect From A Peer
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    sink
    ${address}=    Get Zmq Endpoint
    Start Collecting Messages    alias=feed
    VAR    ${ADDRESS}=    ${address}    scope=TEST

Send From A Peer
    [Arguments]    ${count}    @{frames}
    ${result}=    Run Process    ${PYTHON}    ${PEERS}/send.py    ${ADDRESS}    ${count}    @{frames}
    Should Be Equal As Integers    ${result.rc}    0    ${result.stderr}
