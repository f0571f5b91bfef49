"""What is measured: a file a peer, each with WORKLOADS = {name: build() -> function that makes one step}.

All compute the same, in the way a user of that library writes it. The functions return when the result is
there.
"""
