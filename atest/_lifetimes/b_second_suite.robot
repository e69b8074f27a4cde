*** Settings ***
Documentation    Sockets across suites.

Resource         ../resources/zmq.resource
Resource         lifetimes.resource

Suite Setup      Open In Each Library    suite2


*** Test Cases ***
What The Suite Before Opened Lives As Long As Said
    Open Should Be
    ...    directory suite2
    ...    directory suite2
    ...    directory suite1 test1 test2 test3 teardown1 suite2

What The Directory Opened Can Be Used
    [Documentation]    Also the current socket is what it was before: the one opened last that is still open.
    FOR    ${library}    IN    Test    Suite    Manual
        Run Keyword    ${library}.Connect Zmq Socket    inproc://directory    PUSH
        Run Keyword    ${library}.Send Message    hello
        ${text}=    Run Keyword    ${library}.Receive Message    socket=directory
        Should Be Equal    ${text}    hello
        Run Keyword    ${library}.Close Zmq Socket
    END
