"""The playground on one's own machine: the front end of the site, with real runs and files.

    serve        the command: listens, tells the link, opens the browser, ends all at Ctrl-C
    application  the routes
    gate         what every request must pass, before it reaches a route
    front_end    the files that the browser loads
    folder       the scenarios and policies of the current folder, opened and saved
    model        processes that answer what the front end asks of the model
    runs         the queue of real runs, of which one goes on at a time
    watched      a child process with a warden, as the server sees it
    warden       the process beside each child: it ends the child when the server has died
    child        what every child does first
    answering    the child that answers as `playground.answers` does
    real_run     the child that makes one real run, or one comparison

The server executes no policy and starts no real process itself: its children do, and each child has
a warden, so that nothing outlives the server, even if it is killed.
"""
