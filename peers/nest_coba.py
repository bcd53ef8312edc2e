"""Times NEST on conductances: the benchmark network of Vogels and Abbott (2005), that of `crates/siegert/tests/networks/vogels_abbott2005.toml`.

4,000 LIF neurons (`iaf_cond_exp`), 3,200 of them excitatory, connected with probability 0.02 (Brette et al. 2007, benchmark 1); it keeps itself active after a
stimulus of 50 ms. NEST solves each neuron by itself, with steps of its own within the time step.

Phases are timed apart as in nest_brunel.py; per_item is the CPU time of a neuron and time step.
"""
import argparse

import common

NEURON = {
    "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
}
EXCITATORY, INHIBITORY, PROBABILITY, DELAY = 3200, 800, 0.02, 0.2
SIZE = EXCITATORY + INHIBITORY


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
    nest.ResetKernel()
    nest.local_num_threads = args.threads
    nest.resolution = args.dt
    nest.rng_seed = args.seed

    with common.Timer() as build:
        neurons = nest.Create("iaf_cond_exp", SIZE, params=NEURON)
        neurons.V_m = nest.random.uniform(-60.0, -50.0)
        stimulus = nest.Create("poisson_generator", params={"rate": 300.0, "stop": 50.0})
        nest.Connect(stimulus, neurons, syn_spec={"weight": 6.0, "delay": DELAY})
        rule = {"rule": "pairwise_bernoulli", "p": PROBABILITY}
        nest.Connect(neurons[:EXCITATORY], neurons, rule, {"weight": 6.0, "delay": DELAY})
        nest.Connect(neurons[EXCITATORY:], neurons, rule, {"weight": -67.0, "delay": DELAY})
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
        task="coba_simulation",
        parameters={"duration_ms": args.duration, "warmup_ms": args.warmup, "dt_ms": args.dt, "seed": args.seed},
        threads=args.threads,
        timer=simulate,
        per_item={"item": "neuron and step", "cpu_ns": simulate.cpu_s / steps * 1e9},
        result={
            "neurons": SIZE,
            "synapses": nest.num_connections,
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
