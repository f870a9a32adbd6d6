"""Kills the processes of a working system again and again; the engine's journal is the judge.

`python -m bench.faults --minutes 10 --seed 1` prints one JSON object. What is planned follows from
the seed; what each kill meets depends on the machine.
"""
