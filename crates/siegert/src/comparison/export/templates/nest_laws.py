def normal_delay(mean, std):
    """A normal law (ms); what is shorter than a step is drawn again."""
    return nest.math.redraw(nest.random.normal(mean, std), DT, float("inf"))


def lognormal_delay(mean, std):
    """A lognormal law (ms), by mean and std of the logarithm; what is shorter than a step is drawn again."""
    return nest.math.redraw(nest.random.lognormal(mean, std), DT, float("inf"))
