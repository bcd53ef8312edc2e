"""Times NEST on conductances: the network of Vogels and Abbott (2005), that of `models/vogels_abbott2005_coba.toml`.

4,000 LIF neurons (`iaf_cond_exp`), 3,200 of them excitatory, connected with probability 0.02 (Brette et al. 2007, benchmark 1); it keeps itself active after a
stimulus of 50 ms. NEST solves each neuron by itself, with steps of its own within the time step.

Phases are timed apart as in nest_brunel.py; per_item is the CPU time of a neuron and time step.
"""
import common

NEURON = {
    "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
}
EXCITATORY, INHIBITORY, PROBABILITY, DELAY = 3200, 800, 0.02, 0.1
W_E, W_I = 6.0, -67.0


def build(nest):
    neurons = nest.Create("iaf_cond_exp", EXCITATORY + INHIBITORY, params=NEURON)
    neurons.V_m = nest.random.uniform(-60.0, -50.0)
    stimulus = nest.Create("poisson_generator", params={"rate": 1000.0, "stop": 50.0})
    nest.Connect(stimulus, neurons, syn_spec={"weight": W_E, "delay": DELAY})
    rule = {"rule": "pairwise_bernoulli", "p": PROBABILITY}
    nest.Connect(neurons[:EXCITATORY], neurons, rule, {"weight": W_E, "delay": DELAY})
    nest.Connect(neurons[EXCITATORY:], neurons, rule, {"weight": W_I, "delay": DELAY})
    return neurons


if __name__ == "__main__":
    common.time_simulation(common.simulation_parser(__doc__).parse_args(), "coba_simulation", build, DELAY)
