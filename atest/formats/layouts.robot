*** Settings ***
Documentation    Messages whose frames have names, signed and not.

Resource         ../resources/zmq.resource

Suite Setup      Define Layouts
Test Setup       Open Sockets    DEALER    server    DEALER    client
Test Timeout     1 minute


*** Variables ***
${KEY}    ${{robot.api.types.Secret('swordfish')}}


*** Test Cases ***
Fields Are Sent And Received By Name
    Send Multipart    layout=task    id=job-1    head={"type": "run"}    body=${{{'n': 1}}}
    ${task}=    Receive Multipart    layout=task    socket=server
    Should Be Equal    ${task.id}    job-1
    Should Be Equal    ${task.head}[type]    run
    Should Be Equal    ${task}[body][n]    ${1}
    Should Be Equal    ${task.blobs}    ${{[]}}
    Should Be Equal    ${task.socket}    server
    Length Should Be    ${task}    5

Repeated Fields Are Lists
    Send Multipart    layout=task    id=job-1    head={}    body={}    blobs=${{[b'a', b'b']}}
    ${task}=    Receive Multipart    layout=task    socket=server
    Should Be Equal    ${task.blobs}    ${{[b'a', b'b']}}
    Run Keyword And Expect Error    Field 'blobs' of layout 'task' takes a list*
    ...    Send Multipart    layout=task    id=job-1    head={}    body={}    blobs=a

Frames By Position Will Do As Well
    Send Multipart    job-1    ${EMPTY}    ${None}    {}    {}    layout=task
    ${task}=    Receive Multipart    layout=task    socket=server
    Length Should Be    ${task.mac}    64
    Send Multipart    ${task}    layout=task    socket=server
    ${same}=    Receive Multipart    layout=task    socket=client
    Should Be Equal    ${same.mac}    ${task.mac}

Requests And Replies Have Layouts
    Close All Zmq Sockets
    Open Sockets    ROUTER    server    DEALER    client
    Send Multipart    layout=task    id=job-1    head={}    body={"n": 1}    socket=client
    ${request}=    Receive Multipart    layout=routed    socket=server
    Reply    layout=task    id=${request.id}    head={"type": "done"}    body={}    socket=server
    ${reply}=    Receive Multipart    layout=task    socket=client
    Should Be Equal    ${reply.head}[type]    done

A Wrong Signature Is Refused
    Send Multipart    layout=task    id=job-1    head={}    body={}    mac=${{'0' * 64}}
    Run Keyword And Expect Error    Field 'mac' (frame 2) is not the HMAC-SHA256:head..body of this message*
    ...    Receive Multipart    layout=task    socket=server
    Message Should Be Kept    job-1

A Message That Does Not Fit Names The Field
    Send Multipart    job-2    x    a    {}    {}
    Run Keyword And Expect Error    Field 'delimiter' (frame 1) is not EMPTY: it has 1 byte, but must be empty*
    ...    Receive Multipart    layout=task    socket=server
    Message Should Be Kept    job-2
    Send Multipart    job-3    ${EMPTY}    a
    Run Keyword And Expect Error    *layout 'task' is for at least 5 frames:*Field 'head' and what follows is missing.*
    ...    Receive Multipart    layout=task    socket=server
    Message Should Be Kept    job-3

Fields May Have Names That Python Uses
    Define Message Layout    item    name=TEXT    index=U8    count=U16BE
    Open Sockets    PULL    sink    PUSH    source
    Send Multipart    layout=item    name=apple    index=1    count=300
    ${item}=    Receive Multipart    layout=item    socket=sink
    Should Be Equal    ${item.name}: ${item.index} of ${item.count}    apple: 1 of 300

Mistakes When Sending
    [Template]    Run Keyword And Expect Error
    Layout 'task' needs a value for field 'id'.*Nothing was sent.    Send Multipart    layout=task    head={}
    *has no field 'heat'. Did you mean 'head'?*Nothing was sent.    Send Multipart    layout=task    heat={}
    Field 'head' (frame 3) (a str) cannot be sent as JSON*    Send Multipart    layout=task    id=1    head={    body=1
    Give all frames by their position, or all as field=value.*    Send Multipart    a    layout=task    id=1
    Give either layout= or format=*    Send Multipart    a    layout=task    format=TEXT
    Layout 'tusk' is not known. Defined are:*    Send Multipart    layout=tusk    id=1
    'n' is given as a field, but no layout is*    Send Multipart    topic    n=${1}

Mistakes When Defining
    [Template]    Run Keyword And Expect Error
    Layout 'x' cannot be defined: a field cannot be called 'frames', which is an attribute of each message.*
    ...    Define Message Layout    x    frames=TEXT
    Layout 'x' cannot be defined: a field cannot be called 'times', which is an argument name.*'times_'.
    ...    Define Message Layout    x    times=U8
    Layout 'x' cannot be defined: field 'a': Format 'JASON' is not known. Did you mean JSON?*
    ...    Define Message Layout    x    a=JASON
    Layout 'x' cannot be defined: field 'a' needs a key. Give it as hmac_key=.
    ...    Define Message Layout    x    a=HMAC-SHA256:b    b=TEXT
    Layout 'x' cannot be defined: field 'a' cannot sign 'c'.*
    ...    Define Message Layout    x    a=HMAC-SHA256:c    b=TEXT    hmac_key=k
    Layout 'x' cannot be defined: where the frames of 'a' end is not clear*
    ...    Define Message Layout    x    a=TEXT...    b=TEXT...
    Layout 'JSON' cannot be defined: it is the name of a format. Choose another one.
    ...    Define Message Layout    JSON    a=TEXT

Without A Layout A Frame May Look Like A Field
    Send Multipart    topic    temperature=20    unit=°C
    ${message}=    Receive Multipart    socket=server
    Should Be Equal    ${message}    ${{['topic', 'temperature=20', 'unit=°C']}}

A Layout Can Be The Default Format
    Set Default Zmq Format    task    socket=client
    Set Default Zmq Format    task    socket=server
    Send Multipart    id=job-1    head={}    body={}    socket=client
    ${task}=    Receive Multipart    socket=server
    Should Be Equal    ${task.id}    job-1


*** Keywords ***
Define Layouts
    VAR    &{fields}=    delimiter=EMPTY    mac=HMAC-SHA256:head..body    head=JSON    body=JSON    blobs=BYTES...
    Define Message Layout    task    hmac_key=${KEY}    id=TEXT    &{fields}
    Define Message Layout    routed    hmac_key=${KEY}    peers=ROUTING_ID    id=TEXT    &{fields}

Message Should Be Kept
    [Arguments]    ${first frame}
    ${kept}=    Get Received Message    format=TEXT
    Should Be Equal    ${kept}[0]    ${first frame}
