*** Settings ***
Documentation     Talking to a real Jupyter kernel (ipykernel) over tcp.

Resource          jupyter.resource

Suite Setup       Start Kernel
Suite Teardown    Stop Kernel
Test Timeout      2 minutes


*** Test Cases ***
The Kernel Tells What It Is
    ${request}=    Request    kernel_info_request
    ${reply}=    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    Should Be Equal    ${reply.header}[msg_type]    kernel_info_reply
    Should Be Equal    ${reply.parent_header}[msg_id]    ${request}[msg_id]
    Should Be Equal    ${reply.content}[language_info][name]    python
    Get Received Json    $.status    ==    ok    frame=content
    Received Json Should Match Schema
    ...    {"required": ["protocol_version", "implementation"], "properties": {"banner": {"type": "string"}}}

Code Is Executed And Its Result Published
    ${request}=    Execute    6*7
    ${reply}=    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    Should Be Equal    ${reply.parent_header}[msg_id]    ${request}[msg_id]
    Should Be Equal    ${reply.content}[status]    ok
    ${result}=    Wait For Published    execute_result    ${request}
    Should Be Equal    ${result.content}[data][text/plain]    42
    ${status}=    Wait For Published    status    ${request}    *"idle"*
    Should Be Equal    ${status.parent_header}[session]    robot

What Is Printed Is Published
    ${request}=    Execute    print('Grüße'); 1
    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    ${stream}=    Wait For Published    stream    ${request}
    Should Be Equal    ${stream.content}[text]    Grüße\n

An Error Is Answered With Its Name
    ${request}=    Execute    1/0
    ${reply}=    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    Should Be Equal    ${reply.parent_header}[msg_id]    ${request}[msg_id]
    Received Json Should Contain    {"status": "error", "ename": "ZeroDivisionError"}    frame=content
    ${error}=    Wait For Published    error    ${request}
    Should Be Equal    ${error.content}[evalue]    division by zero

A Wrong Signature Gets No Reply
    Request    kernel_info_request    layout=forged
    ${request}=    Request    kernel_info_request
    # Had the first one been answered, its reply would come before this one.
    ${reply}=    Receive Multipart    layout=jupyter    socket=shell    timeout=20s
    Should Be Equal    ${reply.parent_header}[msg_id]    ${request}[msg_id]
    No Message Should Be Received    socket=shell

A Reply With A Wrong Signature Is Refused And Kept
    ${request}=    Request    kernel_info_request
    Run Keyword And Expect Error    Field 'signature' (frame 1) is not the HMAC-SHA256:header..content of this message*
    ...    Receive Multipart    layout=forged    socket=shell    timeout=20s
    ${reply}=    Get Received Message    layout=jupyter
    Should Be Equal    ${reply.parent_header}[msg_id]    ${request}[msg_id]

The Heart Beats
    ${beat}=    Send Request    ping    socket=heartbeat
    Should Be Equal    ${beat}[0]    ping

The Kernel Ends When It Is Told To
    ${request}=    Request    shutdown_request    {"restart": false}    socket=control
    ${reply}=    Receive Multipart    layout=jupyter    socket=control    timeout=20s
    Should Be Equal    ${reply.header}[msg_type]    shutdown_reply
    Should Be Equal    ${reply.parent_header}[msg_id]    ${request}[msg_id]
    ${end}=    Wait For Process    kernel    timeout=60s
    Should Be Equal As Integers    ${end.rc}    0
