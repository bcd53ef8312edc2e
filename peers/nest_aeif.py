"""Times NEST on neurons whose spikes begin by themselves: those of `crates/siegert/tests/networks/eif.toml` and `adex.toml`.

1,000 neurons with a Poisson drive inhibit each other, 100 inputs a neuron: exponential ones (`aeif_psc_delta` with a = b = 0) by delta synapses, or
adaptive ones (`aeif_psc_exp`) by exponential currents. NEST solves each neuron by itself, with steps of its own within the time step.

Phases are timed apart as in nest_brunel.py; per_item is the CPU time of a neuron and time step.
"""
import common

NEURON = {
    "C_m": 250.0, "g_L": 12.5, "E_L": -65.0, "V_th": -50.0, "V_reset": -60.0, "V_peak": -20.0, "Delta_T": 2.0, "t_ref": 2.0, "tau_w": 100.0,
}
MODELS = {
    "eif": ("aeif_psc_delta", {**NEURON, "a": 0.0, "b": 0.0}, 0.1, -0.2),
    "adex": ("aeif_psc_exp", {**NEURON, "a": 2.0, "b": 40.0, "tau_syn_ex": 2.0, "tau_syn_in": 5.0}, 15.0, -30.0),
}
SIZE, IN_DEGREE, DELAY = 1000, 100, 1.5


def main():
    parser = common.simulation_parser(__doc__)
    parser.add_argument("--model", choices=MODELS, default="eif", help="default eif")
    args = parser.parse_args()
    model, parameters, external, recurrent = MODELS[args.model]

    def build(nest):
        neurons = nest.Create(model, SIZE, params=parameters)
        neurons.V_m = nest.random.uniform(-65.0, -50.0)
        drive = nest.Create("poisson_generator", params={"rate": 10000.0})
        nest.Connect(drive, neurons, syn_spec={"weight": external, "delay": DELAY})
        rule = {"rule": "fixed_indegree", "indegree": IN_DEGREE}
        nest.Connect(neurons, neurons, rule, {"weight": recurrent, "delay": DELAY})
        return neurons

    common.time_simulation(args, f"{args.model}_simulation", build, DELAY)


if __name__ == "__main__":
    main()
