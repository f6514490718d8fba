"""The exceptions of sockets that beginners meet, in plain words."""

from __future__ import annotations

from grader.checks.mistakes.model import RaisedException
from grader.messages import say

CONNECTION_ERRORS: tuple[RaisedException, ...] = (
    RaisedException(
        "connection-refused",
        "ConnectionRefusedError",
        r"",
        say(
            "No server listens at that address at this moment. You can connect only to a port at "
            "which a server has begun to listen and has not ended."
        ),
        say("Which address and port does the task name, and is a server listening there by then?"),
    ),
    RaisedException(
        "address-in-use",
        "OSError",
        r"Address already in use",
        say(
            "The port is still taken: by another server, or by an earlier connection, which the "
            "system keeps for a while when the server was the first to close it."
        ),
        say("Which option lets a server take its port again at once?"),
    ),
    RaisedException(
        "address-not-local",
        "OSError",
        r"\[Errno 99\]",
        say("A server can only listen at an address of its own computer."),
        say("Which address does the task ask for?"),
    ),
    RaisedException(
        "accept-before-listen",
        "OSError",
        r"\[Errno 22\]",
        say("A socket accepts connections only after it was told to listen."),
        say("Which calls make a socket a server's, and in which order?"),
        through=r"^accept$",
    ),
    RaisedException(
        "port-below-1024",
        "PermissionError",
        r"\[Errno 13\] Permission denied$",
        say("Ports below 1024 belong to the system: an ordinary program may not listen there."),
        say("Which port does the task ask for?"),
    ),
    RaisedException(
        "broken-pipe",
        "BrokenPipeError",
        r"",
        say("The other side has closed the connection, and this side still sends something."),
        say("How does this side notice that the other side no longer listens?"),
    ),
    RaisedException(
        "connection-reset",
        "ConnectionResetError|ConnectionAbortedError",
        r"",
        say("The other side ended the connection while this side was still reading or sending."),
        say("What should happen to this process when a partner leaves?"),
    ),
    RaisedException(
        "text-for-bytes",
        "TypeError",
        r"a bytes-like object is required, not 'str'",
        say("A socket carries bytes, and a text has to be encoded to become bytes."),
        say("How does a text become bytes, and how do bytes become a text again?"),
    ),
    RaisedException(
        "another-encoding",
        "UnicodeDecodeError",
        r"^'(?!utf-?8)[^']*' codec can't decode",
        say(
            "The bytes are no text in the encoding that the message names: they were made of a "
            "text in another one."
        ),
        say("In which encoding was this text sent, and in which one does this line read it?"),
    ),
    RaisedException(
        "cut-character",
        "UnicodeDecodeError",
        r"unexpected end of data|invalid start byte|invalid continuation byte",
        say(
            "The bytes that arrived are not a whole text: a Chinese character takes several "
            "bytes, and here only a part of one has arrived."
        ),
        say("How much does one `recv` bring, and what tells you that this is the whole message?"),
    ),
    RaisedException(
        "socket-not-connected",
        "OSError",
        r"\[Errno 107\]",
        say(
            "This socket is not connected to anyone. Only one that has connected itself, or that "
            "`accept()` has returned, can send and receive."
        ),
        say("Which of your sockets is this one, and which one is connected?"),
    ),
    RaisedException(
        "socket-closed",
        "OSError",
        r"\[Errno 9\]",
        say("The socket or file was closed in this process before this line."),
        say("Which line closes it, and in which process?"),
    ),
    RaisedException(
        "timed-out",
        "TimeoutError",
        r"timed out",
        say("Nothing came within the time that was set."),
        say("Who should have sent something by then, and did it?"),
    ),
    RaisedException(
        "host-unknown",
        "gaierror",
        r"",
        say("There is no computer with that name."),
        say("To which address do you want to connect, and is it spelled right?"),
    ),
)
