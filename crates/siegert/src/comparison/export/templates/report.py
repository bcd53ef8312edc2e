BIN_MS = 50.0  # of counts, for correlations and Fano factors
SAMPLE = 200  # neurons whose pairs are correlated, at most
LEAST_SPIKES = 10  # from which a neuron has a CV


def statistics(neurons, times, size, duration, random):
    """What `siegert simulate` says of a population; times (ms) are from the end of the warm-up on."""
    measured = (times > 1e-6) & (times <= duration + 1e-6)
    order = np.lexsort((times[measured], neurons[measured]))
    neurons, times = neurons[measured][order], times[measured][order]
    bins = int(duration / BIN_MS + 1e-9)
    bin_of = np.ceil(times / BIN_MS - 1e-6).astype(int) - 1  # bin b ends with (b + 1) BIN_MS
    binned = bin_of < bins

    # intervals of each neuron, and the mean over neurons of their std / mean
    own = neurons[1:] == neurons[:-1]
    intervals, owners = np.diff(times)[own], neurons[1:][own]
    number = np.bincount(owners, minlength=size)
    chosen = number >= LEAST_SPIKES - 1
    mean = np.bincount(owners, intervals, size) / np.maximum(number, 1)
    squares = np.bincount(owners, (intervals - mean[owners]) ** 2, size)
    cvs = np.sqrt(squares[chosen] / (number[chosen] - 1)) / mean[chosen]

    # counts of single neurons: only bins with spikes are listed
    cells, counts = np.unique(neurons[binned] * bins + bin_of[binned], return_counts=True)
    sums = np.bincount(cells // max(bins, 1), counts, size)
    squares = np.bincount(cells // max(bins, 1), counts**2, size)
    active = sums > 0
    sums, squares = sums[active], squares[active]
    single = (squares - sums**2 / max(bins, 1)) / max(bins - 1, 1) / (sums / max(bins, 1))

    together = np.bincount(bin_of[binned], minlength=bins)
    return {
        "rate_hz": 1e3 * times.size / (size * duration),
        "cv": float(cvs.mean()) if cvs.size else None,
        "correlation": correlation(neurons[binned], bin_of[binned], size, bins, random),
        "fano_factor": float(together.var(ddof=1) / together.mean()) if bins > 1 and together.any() else None,
        "single_neuron_fano_factor": float(single.mean()) if bins > 1 and single.size else None,
    }


def correlation(neurons, bin_of, size, bins, random):
    """Mean Pearson coefficient of the counts over the pairs of a sample; neurons whose counts do not vary have none."""
    sample = random.choice(size, min(SAMPLE, size), replace=False)
    row = np.full(size, -1)
    row[sample] = np.arange(sample.size)
    sampled = row[neurons] >= 0
    cells = row[neurons[sampled]] * bins + bin_of[sampled]
    counts = np.bincount(cells, minlength=sample.size * bins).reshape(sample.size, bins)
    counts = counts[np.ptp(counts, axis=1) > 0] if bins > 1 else counts[:0]
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
    found = statistics(neurons, times - warmup, size, duration, random)
    results.append({"name": name, "size": size, **found})
@simulation@
print(json.dumps({"network": NETWORK, "simulation": simulation, "populations": results}, indent=2))
