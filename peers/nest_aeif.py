"""Times NEST on neurons whose spikes begin by themselves: those of `crates/siegert/tests/networks/eif.toml` and `adex.toml`.

1,000 neurons with a Poisson drive inhibit each other, 100 inputs a neuron: exponential ones (`aeif_psc_delta` with a = b = 0) by delta synapses, or
adaptive ones (`aeif_psc_exp`) by exponential currents. NEST solves each neuron by itself, with steps of its own within the time step.

Phases are timed apart as in nest_brunel.py; per_item is the CPU time of a neuron and time step.
"""
import argparse

import common

NEURON = {
    "C_m": 250.0, "g_L": 12.5, "E_L": -65.0, "V_th": -50.0, "V_reset": -60.0, "V_peak": -20.0, "Delta_T": 2.0, "t_ref": 2.0, "tau_w": 100.0,
}
MODELS = {
    "eif": ("aeif_psc_delta", {**NEURON, "a": 0.0, "b": 0.0}, 0.1, -0.2),
    "adex": ("aeif_psc_exp", {**NEURON, "a": 2.0, "b": 40.0, "tau_syn_ex": 2.0, "tau_syn_in": 5.0}, 15.0, -30.0),
}
SIZE, IN_DEGREE, DELAY = 1000, 100, 1.5


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="eif", help="default eif")
    parser.add_argument("--duration", type=float, default=1000.0, help="ms that are timed (default 1000)")
    parser.add_argument("--warmup", type=float, default=200.0, help="ms before them (default 200)")
    parser.add_argument("--threads", type=int, default=1, help="default 1")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--dt", type=float, default=0.1, help="ms (default 0.1)")
    return parser.parse_args()


def main():
    args = parse_arguments()
    common.reserve_stdout()
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    model, parameters, external, recurrent = MODELS[args.model]
    nest.ResetKernel()
    nest.local_num_threads = args.threads
    nest.resolution = args.dt
    nest.rng_seed = args.seed

    with common.Timer() as build:
        neurons = nest.Create(model, SIZE, params=parameters)
        neurons.V_m = nest.random.uniform(-65.0, -50.0)
        drive = nest.Create("poisson_generator", params={"rate": 10000.0})
        nest.Connect(drive, neurons, syn_spec={"weight": external, "delay": DELAY})
        rule = {"rule": "fixed_indegree", "indegree": IN_DEGREE}
        nest.Connect(neurons, neurons, rule, {"weight": recurrent, "delay": DELAY})
    with common.Timer() as prepare:
        nest.Prepare()
        nest.Run(DELAY)
    if args.warmup > 0:
        nest.Run(args.warmup)
    with common.Timer() as simulate:
        nest.Run(args.duration)
    spikes = nest.local_spike_counter  # of this last Run alone
    nest.Cleanup()

    steps = SIZE * args.duration / args.dt
    common.emit(
        peer="nest",
        version=nest.__version__,
        task=f"{args.model}_simulation",
        parameters={"duration_ms": args.duration, "warmup_ms": args.warmup, "dt_ms": args.dt, "seed": args.seed},
        threads=args.threads,
        timer=simulate,
        per_item={"item": "neuron and step", "cpu_ns": simulate.cpu_s / steps * 1e9},
        result={
            "neurons": SIZE,
            "synapses": SIZE * IN_DEGREE,
            "build_wall_s": build.wall_s,
            "prepare_wall_s": prepare.wall_s,
            "simulate_cpu_s": simulate.cpu_s,
            "simulate_wall_s": simulate.wall_s,
            "realtime_factor": simulate.wall_s / (args.duration * 1e-3),
            "peak_memory_mb": common.peak_memory_mb(),
            "spikes": spikes,
            "rate_hz": spikes / (SIZE * args.duration * 1e-3),
        },
    )


if __name__ == "__main__":
    main()
