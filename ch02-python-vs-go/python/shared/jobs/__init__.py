"""What both services share: the durable queue and its rules, free of HTTP and
of any choice between threads and an event loop. Standard library only."""
