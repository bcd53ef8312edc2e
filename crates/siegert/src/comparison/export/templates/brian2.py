"""@docstring@
"""

import argparse
import csv
import json

import brian2 as b2
import numpy as np
from brian2 import @units@

NETWORK = @network@
DT = @dt@  # ms

@options@

b2.defaultclock.dt = DT * ms
b2.seed(options.seed)
random = np.random.default_rng(options.seed)

# Neurons. v starts uniformly between the two values of V_start (mV). A neuron is refractory for t_ref and the step of its spike.
@populations@

network = b2.Network()
groups, monitors = {}, {}
for name, population in POPULATIONS.items():
    parameters = population["parameters"]
    neurons = b2.NeuronGroup(
        population["size"],
        population["equations"],
        threshold=@threshold@,
        reset=@reset@,
        refractory=parameters["t_ref"] + DT * ms,
        method=@method@,
        namespace=dict(parameters),
    )
    neurons.v = random.uniform(*population["V_start"], population["size"]) * mV
    groups[name], monitors[name] = neurons, b2.SpikeMonitor(neurons)
    network.add(neurons, monitors[name])

@functions@
@differences@@arrival@
@projections@
@drives@
# Spikes act before thresholds are tested, as in NEST; they come a step later for it, which the delays above make good.
network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
network.run((warmup_steps + duration_steps) * DT * ms)

# Of each population, who spiked (from 0) and when (ms): at the end of the step.
spikes = {name: (np.array(monitor.i, int), np.array(monitor.t / ms) + DT) for name, monitor in monitors.items()}

