*** Settings ***
Documentation    A collector that is left running is stopped at the end of its test.

Resource         ../resources/zmq.resource


*** Test Cases ***
A Collector That Is Still Running At The End Does Not Matter
    Open Sockets    PULL    sink    PUSH    source
    Start Collecting Messages    sink

It Was Stopped And Its Socket Is Closed
    @{workers}=    Get Workers
    Should Be Empty    ${workers}
    @{sockets}=    Get Zmq Sockets
    Should Be Empty    ${sockets}
    Run Keyword And Expect Error
    ...    Collector 'COLLECTOR-1' was closed*
    ...    Get Collected Messages
    ...    collector=COLLECTOR-1
