BIN_STEPS = @bin_steps@  # of counts, for correlations and Fano factors: @bin_ms@ ms
SAMPLE = 200  # neurons whose pairs are correlated, at most
LEAST_SPIKES = 10  # from which a neuron has a CV


def statistics(neurons, steps, size, random):
    """What `siegert simulate` says of a population; steps count from the end of the warm-up on."""
    measured = (steps > 0) & (steps <= duration_steps)
    order = np.lexsort((steps[measured], neurons[measured]))
    neurons, steps = neurons[measured][order], steps[measured][order]
    bin_of = (steps - 1) // BIN_STEPS
    bins = duration_steps // BIN_STEPS
    whole = bin_of < bins
    found = {"rate_hz": 1e3 * steps.size / (size * duration), "cv": mean_cv(neurons, steps, size)}
    if bins < 2:
        return found | dict.fromkeys(["correlation", "fano_factor", "single_neuron_fano_factor"])
    return found | of_counts(neurons[whole], bin_of[whole], size, bins, random)


def mean_cv(neurons, steps, size):
    """Mean over neurons of the standard deviation (n - 1) over the mean of their intervals."""
    same = neurons[1:] == neurons[:-1]
    owners, intervals = neurons[1:][same], np.diff(steps)[same]
    number = np.bincount(owners, minlength=size)
    mean = np.bincount(owners, intervals, size) / np.maximum(number, 1)
    squares = np.bincount(owners, (intervals - mean[owners]) ** 2, size)
    chosen = number >= LEAST_SPIKES - 1
    cvs = np.sqrt(squares[chosen] / (number[chosen] - 1)) / mean[chosen]
    return float(cvs.mean()) if cvs.size else None


def of_counts(neurons, bin_of, size, bins, random):
    """Fano factors (variance with n - 1 over mean) and the mean correlation of spike counts in bins."""
    together = np.bincount(bin_of, minlength=bins)
    cells, counts = np.unique(neurons * bins + bin_of, return_counts=True)  # bins of neurons without spikes are not listed
    sums, squares = np.bincount(cells // bins, counts, size), np.bincount(cells // bins, counts**2, size)
    active = sums > 0
    single = (bins * squares[active] - sums[active] ** 2) / ((bins - 1) * sums[active])
    return {
        "correlation": correlation(neurons, bin_of, size, bins, random),
        "fano_factor": float(together.var(ddof=1) / together.mean()) if together.any() else None,
        "single_neuron_fano_factor": float(single.mean()) if single.size else None,
    }


def correlation(neurons, bin_of, size, bins, random):
    """Mean Pearson coefficient over the pairs of a sample; a neuron whose counts do not vary has none."""
    sample = random.choice(size, min(SAMPLE, size), replace=False)
    row = np.full(size, -1)
    row[sample] = np.arange(sample.size)
    sampled = row[neurons] >= 0
    cells = row[neurons[sampled]] * bins + bin_of[sampled]
    counts = np.bincount(cells, minlength=sample.size * bins).reshape(sample.size, bins)
    counts = counts[np.ptp(counts, axis=1) > 0]
    if len(counts) < 2:
        return None
    return float(np.corrcoef(counts)[np.triu_indices(len(counts), 1)].mean())


if options.spikes:
    with open(options.spikes, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["population", "neuron", "time_ms"])
        for name, (neurons, times) in spikes.items():
            rows.writerows((name, neuron, round(time, 6)) for neuron, time in zip(neurons.tolist(), times.tolist()))

random = np.random.default_rng(options.seed)
results = []
for name, (neurons, times) in spikes.items():
    size = POPULATIONS[name]["size"]
    found = statistics(neurons, np.rint(times / DT).astype(int) - warmup_steps, size, random)
    results.append({"name": name, "size": size, **found})
@simulation@
simulation["count_bin_ms"] = @bin_ms@
print(json.dumps({"network": NETWORK, "simulation": simulation, "populations": results}, indent=2))
