"""@docstring@
"""

import argparse
import csv
import json
import os

os.environ["PYNEST_QUIET"] = "1"  # standard output is for the result

import nest
import numpy as np

NETWORK = @network@
DT = @dt@  # ms

@options@

nest.verbosity = nest.VerbosityLevel.ERROR
nest.local_num_threads = options.threads
nest.resolution = DT
nest.rng_seed = options.seed

@functions@
# Neurons. V_m starts uniformly between the two values of V_start (mV).
@capacitance@
@populations@

populations = {}
recorder = nest.Create("spike_recorder"@recorder@)
for name, population in POPULATIONS.items():
    neurons = nest.Create(population["model"], population["size"], params=population["parameters"])
    neurons.V_m = nest.random.uniform(*population["V_start"])
    nest.Connect(neurons, recorder)
    populations[name] = neurons

@differences@@projections@
@drives@
nest.Simulate((warmup_steps + duration_steps) * DT)

# Of each population, who spiked (from 0) and when (ms).
events = recorder.events
senders, times = events["senders"].astype(int), events["times"]@steps@
spikes = {}
for name, neurons in populations.items():
    number = senders - neurons[0].global_id
    own = (number >= 0) & (number < len(neurons))
    spikes[name] = number[own], times[own]

