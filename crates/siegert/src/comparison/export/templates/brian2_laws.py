# Laws: each gives a function that draws so many values.
def constant(value):
    return lambda number: np.full(number, value)


def normal(mean, std):
    return lambda number: random.normal(mean, std, number)


def uniform(low, high):
    return lambda number: random.uniform(low, high, number)


def exponential(mean):
    return lambda number: mean * random.standard_exponential(number)


def lorentzian(center, half_width):
    return lambda number: center + half_width * random.standard_cauchy(number)


def lognormal(sign, mean, std):
    """By the sign of its values, and mean and std of their logarithm."""
    return lambda number: sign * random.lognormal(mean, std, number)


def drawn(law, number, low, high):
    """Values of a law, drawn again while they do not lie between the bounds."""
    values = law(number)
    while (outside := np.flatnonzero((values <= low) | (values >= high))).size:
        values[outside] = law(outside.size)
    return values


def beyond_a_step(law):
    """A law of what a delay has beyond one step."""
    return lambda number: DT + law(number)


def redrawn(law):
    """Delays that are drawn again while they are shorter than a step."""

    def delays(number):
        values = law(number)
        while (short := np.flatnonzero(values < DT)).size:
            values[short] = law(short.size)
        return values

    return delays
