# Rules: sources and targets of all connections, from the sizes of both populations.
def fixed_in_degree(sources, targets, number):
    """Every target hears so many sources, with repetition."""
    return random.integers(sources, size=number * targets), np.repeat(np.arange(targets), number)


def distinct_in_degree(sources, targets, number):
    """Every target hears so many different sources."""
    chosen = [random.choice(sources, number, replace=False) for _ in range(targets)]
    return np.concatenate(chosen), np.repeat(np.arange(targets), number)


def fixed_total(sources, targets, number):
    """So many connections, pairs with repetition."""
    return random.integers(sources, size=number), random.integers(targets, size=number)


def distinct_total(sources, targets, number):
    """So many different pairs."""
    return np.divmod(random.choice(sources * targets, number, replace=False, shuffle=False), targets)


def pairwise(sources, targets, probability):
    """Every pair with this probability."""
    chosen = [np.flatnonzero(random.random(sources) < probability) for _ in range(targets)]
    return np.concatenate(chosen), np.repeat(np.arange(targets), [len(own) for own in chosen])


def without_autapses(rule):
    """The rule among all sources but the target itself."""

    def pairs(sources, targets, number):
        i, j = rule(sources - 1, targets, number)
        return i + (i >= j), j

    return pairs
