*** Settings ***
Documentation    Faults end with the test that made them, however long their proxy lives.

Resource         lifetimes.resource


*** Test Cases ***
Faults Are Made In A Test
    FOR    ${library}    IN    Suite    Manual
        Run Keyword    ${library}.Start Proxy    tcp://127.0.0.1:9    alias=link
        Run Keyword    ${library}.Proxy Refuses Connections    name=refused
        ${faults}=    Run Keyword    ${library}.Get Proxy Faults
        Length Should Be    ${faults}    1
    END

They Are Gone In The Next One
    FOR    ${library}    IN    Suite    Manual
        ${faults}=    Run Keyword    ${library}.Get Proxy Faults
        Should Be Empty    ${faults}
    END
    Manual.Stop Proxy
