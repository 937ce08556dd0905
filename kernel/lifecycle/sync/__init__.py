"""What processes share, and how they wait for it: CPython's algorithms over two primitives.

    actor       an actor makes calls, one at a time; a call that waits is a generator
    waiting     a wait of an actor, and the line of those that wait for one thing
    semaphore   the first primitive: Lock, RLock, Semaphore and BoundedSemaphore are semaphores
    thread_lock threading.Lock, which lies in the memory of a process
    pipe        the second primitive: bytes in pages; `socket_pair` is its duplex brother
    descriptors which processes hold an end of a pipe open
    connection  messages over a pipe
    condition, event, barrier                  over semaphores
    simple_queue, feeder_queue, joinable_queue over semaphores and a pipe
    shared_values                              numbers in shared memory, with or without a lock

Each algorithm is a generator that yields a `Wait` wherever CPython may block. A process that is
killed loses its generator, and nothing is undone: a lock that it held stays held.
"""
