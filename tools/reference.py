"""Computes reference numbers of the tests in crates/siegert/tests/reference/ (`cargo xtask reference`; needs mpmath).

    special_functions.csv    the special functions of crates/siegert/src/numerics
    lif_passage.csv          mean passage time of the LIF neuron and its slopes, in units of the noise
    lif_noiseless.csv        rates of the LIF neuron without noise, from threshold to very strong drive
    lif_derivatives.csv      derivatives of the log-rate of the LIF neuron

Everything comes from closed forms (exp, erfc, erfi, 2F2), from asymptotic series where they are exact to all digits asked
for, or from quadrature; nothing from the polynomials under test. Differences are formed with as many more digits as the
subtraction costs. Inputs are listed points, edges of the ranges, even grids and seeded random numbers, each an exact
binary64 number in its shortest decimal form. Names of tables as arguments: only those.
"""
import math
import random
import sys
from pathlib import Path

import mpmath
from mpmath import erf, erfc, erfi, euler, exp, hyper, log, log1p, log10, mp, mpf, nstr, pi, sqrt, workdps

DIGITS = 40  # of every value, before it is written with 25
WRITTEN = 25
OUTPUT = Path(__file__).resolve().parent.parent / "crates/siegert/tests/reference"

mp.dps = DIGITS


# --- functions, to the working precision ---


def series_suffices(v):
    """Whether the smallest term of the asymptotic series in 1/v^2, about exp(-v^2), is below the working precision."""
    return v * v > log(mpf(10)) * (mp.dps + 6)


def asymptotic(ratio):
    """1 + t_1 + t_2 + ... with t_n = t_{n-1} ratio(n), down to the working precision."""
    total = term = mpf(1)
    n = 1
    while abs(term) > mp.eps * abs(total):
        term *= ratio(n)
        total += term
        n += 1
    return total


def guarded(v):
    """Working precision for products of exp(v^2) and exp(-v^2)."""
    return workdps(mp.dps + 12 + int(v * v / 2))


def erfcx(v):
    if series_suffices(v):
        return asymptotic(lambda n: -(2 * n - 1) / (2 * v * v)) / (v * sqrt(pi))
    with guarded(v):
        return exp(v * v) * erfc(v)


def erfcx_product(v):
    """v erfcx(v)."""
    return v * erfcx(v)


def erfcx_integral(v):
    """H(v) = sqrt(pi) int_0^v erfcx = (pi/2) erfi(v) - v^2 2F2(1, 1; 3/2, 2; v^2)."""
    if series_suffices(v):
        total, power, n = log(2 * v) + euler / 2, mpf(1), 1
        while abs(power) > mp.eps:
            power *= -(2 * n - 1) / (2 * v * v)
            total -= power / (2 * n)
            n += 1
        return total
    with guarded(v):
        return pi / 2 * erfi(v) - v * v * hyper([1, 1], [mpf(3) / 2, 2], v * v)


def dawson(x):
    if series_suffices(x):
        return asymptotic(lambda n: (2 * n - 1) / (2 * x * x)) / (2 * x)
    with guarded(x):
        return sqrt(pi) / 2 * exp(-x * x) * erfi(x)


def gauss_legendre(f, edges, order):
    total = mpf(0)
    for low, high in zip(edges, edges[1:]):
        middle, half = (low + high) / 2, (high - low) / 2
        total += half * sum(weight * f(middle + half * node) for node, weight in rule(order))
    return total


def rule(order, known={}):
    """Nodes and weights on [-1, 1], by Newton's method."""
    key = (order, mp.dps)
    if key not in known:
        known[key] = []
        for i in range(order):
            x = mpmath.cos(pi * (i + mpf(3) / 4) / (order + mpf(1) / 2))
            for _ in range(8):
                p0, p1 = mpf(1), x
                for n in range(2, order + 1):
                    p0, p1 = p1, ((2 * n - 1) * x * p1 - (n - 1) * p0) / n
                slope = order * (x * p1 - p0) / (x * x - 1)
                x -= p1 / slope
            known[key].append((x, 2 / ((1 - x * x) * slope**2)))
    return known[key]


PANELS = [mpf(p) / 1000 for p in (0, 15, 60, 150, 300, 550, 1000)]


def cv_kernel(v):
    """K(-v) = int_v^inf exp(v^2 - y^2) erfcx(y)^2 dy
             = sqrt(2) int_0^inf exp(-2 v p - p^2/2) erf(p/sqrt(2)) erfcx(v + p) dp.

    The second form follows from erfcx(y) = (2/sqrt(pi)) int_0^inf exp(-u^2 - 2 u y) du for both factors, p = u + u'.
    """
    end = 160 / (2 * v + sqrt(4 * v * v + 160))  # there the exponent is -80
    root = sqrt(mpf(2))
    f = lambda p: exp(-p * (2 * v + p / 2)) * erf(p / root) * erfcx(v + p)
    return root * gauss_legendre(f, [end * panel for panel in PANELS], 24)


def cv_kernel_integral(v):
    """M(v) = int_v^inf K(-u) du = int_v^inf erfcx(y)^2 [D(y) - exp(v^2 - y^2) D(v)] dy; pi/16 for v = 0."""
    at_v = dawson(v)

    def f(z):
        # y = v + z (1 + v)/(1 - z) takes the half line to 0..1
        y = v + z * (1 + v) / (1 - z)
        return (1 + v) ** 3 * erfcx(y) ** 2 * (dawson(y) - exp((v - y) * (v + y)) * at_v) / (1 - z) ** 2

    # scaled to order 1, since the quadrature's own tolerance is an absolute one
    return mpmath.quad(f, [0, mpf(1) / 16, mpf(1) / 4, mpf(1) / 2, mpf(3) / 4, 1]) / (1 + v) ** 2


def difference(f, low, high):
    """f(high) - f(low) to DIGITS digits."""
    digits = DIGITS + 10
    while True:
        with workdps(digits):
            at_low, at_high = f(mpf(low)), f(mpf(high))
            rise = at_high - at_low
            size = max(abs(at_low), abs(at_high))
            lost = int(log10(size / abs(rise))) + 1 if rise else digits
        if DIGITS + lost <= digits:
            return rise
        digits = DIGITS + lost + 10 if rise else 2 * digits


# --- inputs ---


class Inputs:
    """Even grids and random numbers, the same on every machine: plain arithmetic on the bits of a seeded generator."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    @staticmethod
    def even(low, high, count):
        return [low + (high - low) * i / (count - 1) for i in range(count)]

    def uniform(self, low, high, count):
        return [low + (high - low) * self.random.random() for _ in range(count)]

    def log_uniform(self, low, high, count):
        """Exponents evenly spread over the powers of two from `low` to `high`."""
        first, last = math.frexp(low)[1], math.frexp(high)[1]
        draw = lambda: math.ldexp(0.5 + 0.5 * self.random.random(), self.random.randint(first, last))
        return [min(max(draw(), low), high) for _ in range(count)]


LISTED = [0.0, 1e-20, 1e-8, 0.001, 0.1, 0.5, 1.0, 2.0, 3.75, 5.0, 7.75, 8.0, 8.5, 12.0, 20.0, 26.6, 30.0]
LISTED += [100.0, 1e4, 1e8, 1e16]


def half_line(inputs, largest):
    """Arguments v >= 0 of a function of one number."""
    edges = [5e-324, 1e-300, 1e-100, 1e50, largest]
    near_borders = [math.nextafter(b, side) for b in (0.5, 1.0, 3.75, 8.0, 26.6) for side in (0.0, 1e9)]
    points = LISTED + [v for v in edges if v <= largest] + near_borders + inputs.even(0.0, 30.0, 121)[1:]
    points += inputs.uniform(0.0, 4.0, 80) + inputs.uniform(0.0, 40.0, 80)
    return points + inputs.log_uniform(1e-18, 1e18, 80) + inputs.log_uniform(1e-300, largest, 30)


def pairs(inputs, largest):
    """Two arguments 0 <= low < high, from neighbouring numbers to the whole half line."""
    ends = [1e-300, 1e50, largest]
    wide = sorted(LISTED + ends)
    result = [(low, high) for i, low in enumerate(wide) for high in wide[i + 1 :] if i % 2 == 0 or high == largest]
    result += [(low, math.nextafter(low, math.inf)) for low in (0.1, 0.5, 1.0, 3.75, 7.9, 8.0, 12.0, 30.0, 1e4, 1e16)]
    lows = inputs.even(0.0, 20.0, 81) + inputs.uniform(0.0, 12.0, 60)
    lows += inputs.uniform(6.0, 40.0, 40) + inputs.log_uniform(1e-12, 1e12, 60)
    for low in lows:
        width = inputs.log_uniform(1e-13, 100.0, 1)[0]
        result.append((low, low + width * (1.0 + low)))
    return result


# --- tables ---


def special_functions():
    """Rows (function, x, y or None, value)."""
    inputs = Inputs(20001)
    rows = []
    one = lambda name, f, points: rows.extend((name, x, None, f(mpf(x))) for x in dict.fromkeys(points))
    two = lambda name, f, points: rows.extend((name, x, y, f(x, y)) for x, y in dict.fromkeys(points))

    x = [-708.0, -707.5, -1.0, -1e-300, 0.0, 1e-300, 1e-17, 0.34657359027997264, 0.34657359027997270, 1.0, 708.5, 709.0]
    x += inputs.even(-708.0, 709.0, 110) + inputs.uniform(-708.0, 709.0, 80) + inputs.uniform(-1.0, 1.0, 60)
    x += [sign * v for v in inputs.log_uniform(1e-18, 700.0, 30) for sign in (-1.0, 1.0)]
    y = [0.0, 1e-20, -1e-17, 1e-10, -1e-5, 9.99e-4, -9.99e-4] + inputs.uniform(-1e-3, 1e-3, 30)
    with workdps(DIGITS + 20):
        two("exp_of_sum", lambda x, y: exp(mpf(x) + mpf(y)), [(v, y[i % len(y)]) for i, v in enumerate(x)])
        x = [0.0, 5e-324, 1e-300, 1e-8, 1.0, 5.123046875, 26.19921875, 26.5, 26.6, -1.0, -26.6]
        x += inputs.even(-26.6, 26.6, 110) + inputs.uniform(0.0, 26.6, 150) + inputs.log_uniform(1e-10, 26.6, 50)
        one("exp_of_square", lambda x: exp(x * x), x)
        x = [0.0, 5e-324, 1e-300, 1e-17, 2.0**-53, 2.0**-52, 1e-8, 1.0, 1e16, 1e300]
        x += [0.41421356237309503, 0.41421356237309515, -0.29289321881345254, -0.29289321881345243]  # where k changes
        x += [-1.0 + 2.0**-53, -1.0 + 2.0**-52, -0.9999, -0.5, -0.25, -1e-8, -1e-300]
        x += inputs.even(-0.99, 3.0, 100) + inputs.uniform(-1.0, 2.0, 100) + inputs.log_uniform(1e-18, 1e18, 80)
        x += [-v for v in inputs.log_uniform(1e-18, 0.9, 60)] + inputs.log_uniform(1e-300, 1e300, 30)
        one("ln_1p", log1p, x)

    one("erfcx", erfcx, half_line(inputs, 1e300))
    two("erfcx_drop", lambda low, high: -difference(erfcx, low, high), pairs(inputs, 1e150))
    two("product_rise", lambda low, high: difference(erfcx_product, low, high), pairs(inputs, 1e100))
    rising = pairs(inputs, 1e300)
    falling = [(high, low) for low, high in rising[::2]]
    two("scaled_integral_between", lambda start, end: difference(erfcx_integral, start, end), rising + falling)
    one("dawson", dawson, half_line(inputs, 1e150) + pieces_of_dawson())
    with workdps(36):
        # quadrature is slow: every second and every third point
        one("cv_kernel", cv_kernel, half_line(inputs, 1e100)[::2])
        two("cv_kernel_integral_between", cv_kernel_integral_between, pairs(inputs, 1e100)[::3])
    one("cumulative", cumulative, normal_deviates())
    one("quantile", quantile, probabilities())
    return rows


def cumulative(z):
    return erfc(-z / sqrt(mpf(2))) / 2


def normal_deviates():
    inputs = Inputs(20003)
    z = [0.0, 1e-300, 1e-17, 1e-8, 0.1, 0.6744897501960817, 1.0, 2.0, 6.0, 8.5, 37.0] + inputs.uniform(0.0, 8.0, 60)
    z += inputs.even(0.25, 37.0, 148) + inputs.log_uniform(1e-18, 37.0, 40)
    return [sign * v for v in z for sign in (1.0, -1.0)]


def quantile(p):
    """By Newton's method for the logarithm of the smaller tail; 0 for 1/2."""
    tail = min(p, 1 - p)
    if tail == mpf(1) / 2:
        return mpf(0)
    z = -sqrt(-2 * log(tail)) if tail < 0.1 else (tail - mpf(1) / 2) * sqrt(2 * pi)
    change = mpf(1)
    while abs(change) > abs(z) * mpf(10) ** -(DIGITS - 8):
        below = cumulative(z)
        change = log(below / tail) * below * sqrt(2 * pi) * exp(z * z / 2)
        z -= change
    return z if p < 0.5 else -z


def probabilities():
    inputs = Inputs(20004)
    low = [1e-300, 1e-100, 1e-17, 2.0**-33, 1e-9, 0.001, 0.02425, 0.25, 0.3, 0.4999, math.nextafter(0.5, 0.0)]
    low += inputs.even(0.005, 0.495, 99) + inputs.uniform(0.0, 0.5, 60) + inputs.log_uniform(1e-300, 0.5, 60)
    return low + [0.5] + [1.0 - p for p in low if 1.0 - p < 1.0]


def pieces_of_dawson():
    """Both sides of borders 256/i - 2 between the pieces of the table."""
    borders = [256.0 / i - 2.0 for i in range(1, 128, 6)]
    return [math.nextafter(b, side) for b in borders for side in (0.0, math.inf)]


def cv_kernel_integral_between(low, high):
    low, high = mpf(low), mpf(high)
    if high - low < (1 + low) / 4:
        return gauss_legendre(cv_kernel, [low, high], 10 if high - low < (1 + low) / 1000 else 22)
    return known_integral(low) - known_integral(high)


def known_integral(v, known={}):
    if v not in known:
        with workdps(30):
            known[v] = cv_kernel_integral(v)
    return known[v]


def antiderivative(x):
    """int_0^x sqrt(pi) erfcx(-u) du = sqrt(pi) int_0^x exp(u^2) (1 + erf(u)) du."""
    return (pi * erfi(x) if x > 0 else 0) - erfcx_integral(abs(x))


def lif_passage():
    """Rows (x_reset, x_th, I, dI/dx_th, -dI/dx_reset, their difference, the difference of x times them), from x_th = 25 on times exp(-x_th^2)."""
    inputs = Inputs(20005)
    x_th = [-1e8, -1e4, -300.0, -30.0, -8.0, -3.0, -1.0, -0.1, 0.0, 1e-9, 0.3, 1.0, 2.0, 5.0, 12.0, 20.0, 24.9, 25.1, 40.0, 100.0]
    x_th += inputs.uniform(-10.0, 10.0, 40) + inputs.uniform(10.0, 30.0, 15) + [-x for x in inputs.log_uniform(1.0, 1e6, 15)]
    rows = []
    for i, b in enumerate(x_th):
        for width in (1e-9, 1e-4, 0.02, 0.3, 2.0, 15.0, 400.0):
            a = b - width * (1.0 + inputs.random.random())
            # far away a rounded width would be another one
            a = math.ldexp(round(math.ldexp(a, 20)), -20) if abs(b) > 1e4 else a
            if a >= b or (width < 1e-3 and i % 3):
                continue
            with workdps(110):
                low, high = mpf(a), mpf(b)
                scale = exp(-high * high) if b >= 25.0 else mpf(1)
                slope = lambda x: scale * sqrt(pi) * (2 * exp(x * x) - erfcx(x) if x > 0 else erfcx(-x))
                at_high, at_low = slope(high), slope(low)
                passage = scale * (antiderivative(high) - antiderivative(low))
                rows.append((a, b, passage, at_high, at_low, at_high - at_low, high * at_high - low * at_low))
    return rows


def lif_noiseless():
    """Rows (tau_m, t_ref, V_th, V_reset, mu, rate)."""
    inputs = Inputs(20006)
    rows = []
    for tau_m, t_ref, V_th, V_reset in [(20.0, 2.0, 20.0, 10.0), (20.0, 0.0, 20.0, 10.0), (10.0, 0.5, -50.0, -65.0)]:
        above = inputs.log_uniform(1e-9, 1e9, 120) + [1e-9, 1e-3, 1.0, 1e3, 1e9]
        for mu in dict.fromkeys(V_th + excess for excess in above):
            climb = log((mpf(mu) - V_reset) / (mpf(mu) - V_th))
            rows.append((tau_m, t_ref, V_th, V_reset, mu, 1000 / (t_ref + tau_m * climb)))
    return rows


def ln_rate(p):
    """ln(rate/Hz) by Siegert's formula; p = (mu, variance, tau_m, t_ref, V_th, V_reset)."""
    mu, variance, tau_m, t_ref, V_th, V_reset = p
    sigma = sqrt(variance)
    passage = antiderivative((V_th - mu) / sigma) - antiderivative((V_reset - mu) / sigma)
    return log(1000 / (t_ref + tau_m * passage))


def derivative(f, at, index, step):
    """Sixth order: error step^6 of the function's own scale."""
    def shifted(k):
        return f([x + k * step * (j == index) for j, x in enumerate(at)])

    return (
        45 * (shifted(1) - shifted(-1)) - 9 * (shifted(2) - shifted(-2)) + (shifted(3) - shifted(-3))
    ) / (60 * step)


def lif_derivatives():
    """Rows (tau_m, t_ref, V_th, V_reset, mu, sigma, ln_rate, six derivatives)."""
    inputs = Inputs(20002)
    # x_th, and the distance of reset and threshold in units of sigma
    x_th = [-1000.0, -300.0, -100.0, -30.0, -10.0, -8.1, -7.0, -3.0, -1.0, -0.1, 0.0]
    x_th += [0.001, 0.3, 1.0, 2.0, 4.0, 7.0, 12.0, 20.0, 24.9, 25.1, 40.0]
    points = [(x, width) for i, x in enumerate(x_th) for width in (1e-3, (0.1, 0.7, 3.0)[i % 3], (30.0, 6.0)[i % 2])]
    rows = []
    for i, (x, width) in enumerate(points):
        t_ref = (0.0, 2.0, 0.5)[i % 3]
        tau_m = (20.0, 5.0, 10.0, 20.0)[i % 4]
        sigma = inputs.uniform(0.5, 8.0, 1)[0]
        V_reset = (0.0, -70.0)[i % 2] if width > 0.01 else 0.0
        V_th = V_reset + width * sigma
        mu = V_th - x * sigma
        # far below threshold some derivatives are exp(-x_th^2) of the others, at last below 1e-308
        with workdps(110 + min(int(max(x, 0.0) ** 2 / 2), 330)):
            at = [mpf(mu), mpf(sigma) ** 2, mpf(tau_m), mpf(t_ref), mpf(V_th), mpf(V_reset)]
            scale = mpf(V_th) - mpf(V_reset)
            scale = min(scale, mpf(sigma)) / (1 + abs(x))
            interval = 1000 / exp(ln_rate(at))
            steps = [scale, scale * sigma / (1 + abs(x)), mpf(1), interval, scale, scale]
            slopes = [derivative(ln_rate, at, j, step * mpf(10) ** -10) for j, step in enumerate(steps)]
            rows.append((tau_m, t_ref, V_th, V_reset, mu, sigma, ln_rate(at), *slopes))
    return rows


# --- files ---


def header(lines):
    how = [
        f"Made by `cargo xtask reference` (tools/reference.py) with Python and mpmath {mpmath.__version__}.",
        "Inputs are exact binary64 values (shortest decimal form).",
    ]
    return "".join(f"# {line}\n" for line in lines + how)


def shown(x):
    return "" if x is None else repr(x) if isinstance(x, float) else nstr(x, WRITTEN)


def write(name, lines, columns, rows):
    body = "".join(",".join(x if isinstance(x, str) else shown(x) for x in row) + "\n" for row in rows)
    (OUTPUT / name).write_text(header(lines) + ",".join(columns) + "\n" + body)
    print(f"{name}: {len(rows)} rows")


def write_special_functions():
    write(
        "special_functions.csv",
        [
            "Special functions of crates/siegert/src/numerics.",
            "exp_of_sum: exp(x + y). exp_of_square: exp(x^2). ln_1p: ln(1 + x). erfcx: exp(x^2) erfc(x).",
            "erfcx_drop: erfcx(x) - erfcx(y). product_rise: y erfcx(y) - x erfcx(x). scaled_integral_between: H(y) - H(x),",
            "H(v) = sqrt(pi) int_0^v erfcx. dawson: exp(-x^2) int_0^x exp(u^2) du.",
            "cv_kernel: k(x) = int_x^inf exp(x^2 - u^2) erfcx(u)^2 du. cv_kernel_integral_between: int_x^y k.",
            "cumulative: probability that a standard normal number is below x. quantile: its inverse.",
            "40 digits and more, by exp, erfc, erfi and 2F2(1,1;3/2,2) or asymptotic series; the last two by quadrature with 30.",
        ],
        ["function", "x", "y", "value"],
        [row for row in special_functions() if row[3] == 0 or abs(row[3]) > mpf("1e-290") or abs(row[1]) < 1e-290],
    )


def write_lif_passage():
    write(
        "lif_passage.csv",
        [
            "Mean time from reset to threshold of the LIF neuron in units of tau_m, I = int_a^b S, S(x) = sqrt(pi) exp(x^2) (1 + erf x),",
            "a = x_reset, b = x_th in units of the noise; slope_th = S(b), slope_reset = S(a), difference = S(b) - S(a),",
            "weighted = b S(b) - a S(a). From b = 25 on everything is multiplied by exp(-b^2).",
            "Closed forms (erfi and 2F2(1,1;3/2,2), asymptotic series), 110 digits and more.",
        ],
        ["x_reset", "x_th", "passage", "slope_th", "slope_reset", "difference", "weighted"],
        lif_passage(),
    )


def write_lif_noiseless():
    write(
        "lif_noiseless.csv",
        [
            "Stationary rate of the LIF neuron without noise: 1/(t_ref + tau_m ln((mu - V_reset)/(mu - V_th))), 40 digits,",
            "for mu - V_th from 1e-9 to 1e9 mV.",
        ],
        ["tau_m_ms", "t_ref_ms", "V_th_mv", "V_reset_mv", "mu_mv", "rate_hz"],
        lif_noiseless(),
    )


def write_lif_derivatives():
    write(
        "lif_derivatives.csv",
        [
            "Derivatives of ln(rate/Hz) of the LIF neuron in white noise, per mV, mV^2 (variance sigma^2), ms.",
            "1/rate = t_ref + tau_m sqrt(pi) int_a^b exp(u^2) (1 + erf u) du, a = (V_reset - mu)/sigma, b = (V_th - mu)/sigma.",
            "Differences of sixth order of the closed form of the integral (erfi and 2F2(1,1;3/2,2), asymptotic series),",
            "110 digits and more.",
        ],
        ["tau_m_ms", "t_ref_ms", "V_th_mv", "V_reset_mv", "mu_mv", "sigma_mv", "ln_rate_hz"]
        + ["d_mu", "d_variance", "d_tau_m", "d_t_ref", "d_V_th", "d_V_reset"],
        lif_derivatives(),
    )


TABLES = {
    "special_functions": write_special_functions,
    "lif_passage": write_lif_passage,
    "lif_noiseless": write_lif_noiseless,
    "lif_derivatives": write_lif_derivatives,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or TABLES:
        if name not in TABLES:
            sys.exit(f"no table {name}; there are: {', '.join(TABLES)}")
        TABLES[name]()
