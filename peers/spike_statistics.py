"""Statistics of recorded spikes, one definition for every simulator that is compared.

They are those of `siegert simulate` (`rate_hz`, `cv`, `correlation`, `fano_factor`). A spike counts if start < time <= stop;
T = stop - start.

  rate_hz       spikes / (neurons T).
  cv            of every neuron with at least 10 spikes: standard deviation (n - 1 in the denominator) over mean of its
                interspike intervals; then the mean over those neurons. null if there are none.
  correlation   up to 200 neurons are drawn at random, without replacement, among those that spiked; their spikes are counted
                in whole 50 ms bins from `start`; the mean Pearson coefficient over all pairs of the sample. A neuron whose
                counts do not vary is left out. null with fewer than 2 neurons or 2 bins. Its sampling error is about
                1 / sqrt(pairs bins) for independent neurons, larger with common input.
  fano_factor   of the population: variance (n - 1) over mean of the spikes of all neurons together, in 50 ms bins. 1 for
                independent Poisson neurons; above 1 where spikes are shared or synchronous.

Beside them, `fano_factor_1ms` (the same in 1 ms bins: sees fast oscillations) and `neuron_fano_factor` (single neurons' counts in
50 ms bins, mean over neurons that spiked).

As a program it applies the same definitions to any simulator's spikes, a CSV with a header and the columns neuron (0 to size-1)
and time_ms:

    spike_statistics.py SPIKES.csv --size 10000 --start 200 --stop 1200
    spike_statistics.py --self-test
"""
import argparse
import json

import numpy as np

BIN_MS = 50.0
SAMPLE = 200
LEAST_SPIKES = 10


def population_statistics(neurons, times_ms, size, start_ms, stop_ms, seed=1):
    """Statistics of one population of `size` neurons, numbered from 0, from its spikes in any order. `seed` draws the sample."""
    neurons, times = np.asarray(neurons), np.asarray(times_ms, dtype=float)
    grid = 1e-6  # ms; keeps a spike on the border of the window or of a bin where (start, stop] puts it
    inside = (times > start_ms + grid) & (times <= stop_ms + grid)
    neurons, times = neurons[inside].astype(np.int64), times[inside]
    duration = stop_ms - start_ms
    per_neuron = np.bincount(neurons, minlength=size)
    coarse = _bins(times, start_ms, duration, BIN_MS)
    fine = _bins(times, start_ms, duration, 1.0)
    correlation, neuron_fano = _count_statistics(neurons, coarse, per_neuron, int(duration / BIN_MS + 1e-9), seed)
    return {
        "spikes": int(times.size),
        "rate_hz": times.size / (size * duration) * 1e3,
        "cv": _mean_cv(neurons, times, per_neuron),
        "correlation": correlation,
        "fano_factor": _population_fano(coarse, int(duration / BIN_MS + 1e-9)),
        "fano_factor_1ms": _population_fano(fine, int(duration + 1e-9)),
        "neuron_fano_factor": neuron_fano,
    }


def _bins(times, start, duration, width):
    """The bin of each spike, -1 beyond the last whole bin. Bin k is (start + k width, start + (k + 1) width]."""
    bins = np.ceil((times - start) / width - 1e-6).astype(np.int64) - 1
    return np.where(bins < int(duration / width + 1e-9), bins, -1)


def _mean_cv(neurons, times, per_neuron):
    order = np.lexsort((times, neurons))
    owner = neurons[order]
    interval = np.diff(times[order])[np.diff(owner) == 0]
    owner = owner[1:][np.diff(owner) == 0]
    chosen = per_neuron >= LEAST_SPIKES
    if not chosen.any():
        return None
    size = per_neuron.size
    count = np.bincount(owner, minlength=size)[chosen]
    mean = np.bincount(owner, weights=interval, minlength=size)[chosen] / count
    spread = np.zeros(size)
    spread[chosen] = mean
    square = np.bincount(owner, weights=(interval - spread[owner]) ** 2, minlength=size)[chosen]
    return float(np.mean(np.sqrt(square / (count - 1)) / mean))


def _count_statistics(neurons, bins, per_neuron, bin_count, seed):
    """Mean pairwise correlation of the sample, and mean Fano factor of its neurons."""
    active = np.flatnonzero(per_neuron > 0)
    if active.size == 0 or bin_count < 2:
        return None, None
    sample = np.random.default_rng(seed).choice(active, min(SAMPLE, active.size), replace=False)
    row = np.full(per_neuron.size, -1)
    row[sample] = np.arange(sample.size)
    used = (row[neurons] >= 0) & (bins >= 0)
    flat = row[neurons[used]] * bin_count + bins[used]
    counts = np.bincount(flat, minlength=sample.size * bin_count).reshape(sample.size, bin_count)
    varies = counts.var(axis=1) > 0
    counts = counts[varies]
    if counts.shape[0] == 0:
        return None, None
    fano = float(np.mean(counts.var(axis=1, ddof=1) / counts.mean(axis=1)))
    if counts.shape[0] < 2:
        return None, fano
    matrix = np.corrcoef(counts)
    return float(matrix[np.triu_indices(matrix.shape[0], 1)].mean()), fano


def _population_fano(bins, bin_count):
    counts = np.bincount(bins[bins >= 0], minlength=max(bin_count, 0))
    if bin_count < 2 or counts.sum() == 0:
        return None
    return float(counts.var(ddof=1) / counts.mean())


def self_test():
    """Independent Poisson neurons, a regular neuron, and neurons that share a known part of their spikes."""
    rng = np.random.default_rng(7)
    size, stop = 400, 40000.0

    def poisson(rate_hz, count):
        number = rng.poisson(rate_hz * stop / 1e3 * count)
        return rng.integers(0, count, number), np.round(rng.uniform(0, stop, number), 1)

    statistics = population_statistics(*poisson(20.0, size), size, 0.0, stop)
    assert abs(statistics["rate_hz"] - 20) < 0.2, statistics
    assert abs(statistics["cv"] - 1) < 0.01, statistics
    assert abs(statistics["correlation"]) < 0.002, statistics
    assert abs(statistics["fano_factor"] - 1) < 0.2, statistics
    assert abs(statistics["neuron_fano_factor"] - 1) < 0.02, statistics

    regular = population_statistics(np.zeros(1000, int), np.arange(1, 1001) * 10.0, 1, 0.0, 10000.0)
    assert regular["rate_hz"] == 100 and regular["cv"] < 1e-9 and regular["fano_factor"] == 0, regular
    assert regular["correlation"] is None, regular

    # own spikes at 16 Hz, and 4 Hz common to all: counts correlate with 4 / 20
    own, common = poisson(16.0, size), poisson(4.0, 1)[1]
    neurons = np.concatenate([own[0], np.repeat(np.arange(size), common.size)])
    times = np.concatenate([own[1], np.tile(common, size)])
    shared = population_statistics(neurons, times, size, 0.0, stop)
    assert abs(shared["correlation"] - 0.2) < 0.02, shared
    assert abs(shared["fano_factor"] / (0.8 + 0.2 * size) - 1) < 0.15, shared

    silent = population_statistics([], [], size, 0.0, stop)
    assert silent["rate_hz"] == 0 and silent["cv"] is None and silent["fano_factor"] is None, silent
    print("spike_statistics: self-test passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spikes", nargs="?", help="CSV with the columns neuron and time_ms")
    parser.add_argument("--size", type=int, help="neurons in the population")
    parser.add_argument("--start", type=float, default=0.0, help="ms (default 0)")
    parser.add_argument("--stop", type=float, help="ms")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    if args.spikes is None or args.size is None or args.stop is None:
        parser.error("give SPIKES, --size and --stop, or --self-test")
    table = np.genfromtxt(args.spikes, delimiter=",", names=True)
    print(json.dumps(population_statistics(table["neuron"], table["time_ms"], args.size, args.start, args.stop)))


if __name__ == "__main__":
    main()
