"""An engine that does not exist: an executable `headscale` with state, traps, faults and a journal.

Nothing here imports Django or any package; the executable starts from an empty environment.
"""
