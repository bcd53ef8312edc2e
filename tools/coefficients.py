"""Computes the coefficients in crates/siegert/src/numerics/tables.rs (`cargo xtask coefficients`; needs mpmath).

Every function of v >= 0 is approximated by a polynomial in t = (v - k)/(v + k), k = 3.75, which maps the half line onto
-1 <= t < 1: Chebyshev interpolation with 40 digits, cut at the stated degree, rewritten in powers of t. Dawson's integral,
whose large-argument expansion does not converge fast enough in t, is cut into 128 pieces of u = 2/(2 + x) instead.
The error printed beside each table is the sum of the coefficients that were cut off, a bound of the approximation error.
"""
from pathlib import Path

from mpmath import cos, erfc, erfi, euler, exp, hyper, inf, linspace, log, mp, mpf, nstr, pi, quad, sqrt, workdps

mp.dps = 40
K = mpf("3.75")
OUTPUT = Path(__file__).resolve().parent.parent / "crates/siegert/src/numerics/tables.rs"


def asymptotic(term_ratio, factor):
    """Sums factor * (1 + t1 + t2 ...), t_n = t_{n-1} * term_ratio(n), until terms stop falling or no longer matter."""
    total = term = mpf(1)
    n = 1
    while True:
        following = term * term_ratio(n)
        if abs(following) >= abs(term) or abs(following) < mpf(10) ** -42:
            return factor * total
        term = following
        total += term
        n += 1


def erfcx(v):
    if v < 30:
        with workdps(45 + int(v * v / 2)):
            return +(exp(v * v) * erfc(v))
    return asymptotic(lambda n: -(2 * n - 1) / (2 * v * v), 1 / (v * sqrt(pi)))


def erfcx_integral(v):
    """H(v) = sqrt(pi) int_0^v erfcx."""
    if v < 12:
        with workdps(50 + int(v * v)):
            return +(pi / 2 * erfi(v) - v * v * hyper([1, 1], [mpf(3) / 2, 2], v * v))
    total, n, odd, previous = log(v) + euler / 2 + log(mpf(2)), 1, mpf(1), inf
    while True:
        odd *= 2 * n - 1
        term = (-1) ** (n + 1) * odd / (mpf(2) ** n * 2 * n * v ** (2 * n))
        if abs(term) >= previous or abs(term) < mpf(10) ** -42:
            return total
        total, previous, n = total + term, abs(term), n + 1


def dawson(x):
    if x < 12:
        with workdps(50 + int(x * x)):
            return +(sqrt(pi) / 2 * exp(-x * x) * erfi(x))
    return asymptotic(lambda n: (2 * n - 1) / (2 * x * x), 1 / (2 * x))


def cv_kernel(v):
    """K(-v) = int_v^inf exp(v^2 - y^2) erfcx(y)^2 dy."""
    if v > 200:
        return quad(
            lambda z: exp(-z - (z / (2 * v)) ** 2) * erfcx(v + z / (2 * v)) ** 2 / (2 * v), [0, 2, 6, 16, 40, 80]
        )
    end = min(mpf(9), 40 / (v + mpf("1e-3")))
    return quad(lambda s: exp(-2 * v * s - s * s) * erfcx(v + s) ** 2, linspace(0, end, 7))


def cv_kernel_integral(v):
    """M(v) = int_v^inf K(-u) du = int_v^inf erfcx(y)^2 [D(y) - exp(v^2 - y^2) D(v)] dy."""
    step = v + 1
    return quad(
        lambda y: erfcx(y) ** 2 * (dawson(y) - exp((v - y) * (v + y)) * dawson(v)),
        [v, v + step / 8, v + step / 2, v + step, v + 4 * step, v + 16 * step, v + 100 * step, inf],
    )


def chebyshev(f, count):
    angles = [pi * (j + mpf(1) / 2) / count for j in range(count)]
    values = [f(cos(angle)) for angle in angles]
    return [
        (2 if n else 1) * sum(v * cos(n * a) for v, a in zip(values, angles)) / count for n in range(count)
    ]


def powers(coefficients):
    """Chebyshev series to powers of t."""
    size = len(coefficients)
    previous, current = [mpf(1)] + [mpf(0)] * (size - 1), [mpf(0), mpf(1)] + [mpf(0)] * (size - 2)
    total = [coefficients[0] * p for p in previous]
    for n in range(1, size):
        total = [t + coefficients[n] * c for t, c in zip(total, current)]
        previous, current = current, [2 * s - p for s, p in zip([mpf(0)] + current[:-1], previous)]
    return total


def on_half_line(f, degree, count=56):
    """Powers of t = (v - k)/(v + k) and the bound of the error."""
    series = chebyshev(lambda t: f(K * (1 + t) / (1 - t)), count)
    return powers(series[: degree + 1]), sum(abs(c) for c in series[degree + 1 :])


def dawson_pieces(pieces=128, degree=7, kappa=2):
    rows, worst = [], mpf(0)
    for i in range(pieces):
        low, width = mpf(i) / pieces, mpf(1) / pieces

        def f(t):
            x = kappa / (low + width * (1 + t) / 2) - kappa
            return dawson(x) * (1 + 2 * x * x) / x if x else mpf(1)

        series = chebyshev(f, degree + 5)
        rows.append(powers(series[: degree + 1]))
        worst = max(worst, sum(abs(c) for c in series[degree + 1 :]))
    return rows, worst


def literal(x):
    return repr(float(x))


def table(name, doc, coefficients, error):
    lines = [f"/// {doc}", "///", f"/// Degree {len(coefficients) - 1}, error at most {nstr(error, 2)}."]
    lines += ["#[rustfmt::skip]", f"pub(super) const {name}: [f64; {len(coefficients)}] = ["]
    lines += [f"    {literal(c)}," for c in coefficients]
    return "\n".join(lines + ["];", ""])


def main():
    parts = [
        "//! Coefficients of the special functions; made by `cargo xtask coefficients` (tools/coefficients.py), not by hand.",
        "//!",
        "//! `t = (v - k)/(v + k)`, `k = 3.75`, is the variable of all polynomials over the half line; lowest power first.",
        "",
    ]
    # Functions whose differences are taken have degrees at which n^2 times the n-th coefficient cut off is below rounding.
    polynomials = [
        ("ERFCX", "`(v + 1) erfcx(v)`.", lambda v: (v + 1) * erfcx(v), 26),
        (
            "ERFCX_SLOPE",
            "`(v + 1.25)^2 (1/sqrt(pi) - v erfcx(v))`.",
            lambda v: (v + mpf("1.25")) ** 2 * (1 / sqrt(pi) - v * erfcx(v)),
            30,
        ),
        ("ERFCX_INTEGRAL", "`sqrt(pi) int_0^v erfcx - ln(1 + v/k)`.", lambda v: erfcx_integral(v) - log(1 + v / K), 21),
    ]
    for name, doc, f, degree in polynomials:
        parts.append(table(name, doc, *on_half_line(f, degree)))
    with workdps(30):
        slow = [
            ("CV_KERNEL", "`(v + 1)^3 int_v^inf exp(v^2 - y^2) erfcx(y)^2 dy`.", lambda v: (v + 1) ** 3 * cv_kernel(v), 26),
            (
                "CV_KERNEL_INTEGRAL",
                "`(v + 1)^2 int_v^inf du int_u^inf exp(u^2 - y^2) erfcx(y)^2 dy`.",
                lambda v: (v + 1) ** 2 * cv_kernel_integral(v),
                26,
            ),
        ]
        for name, doc, f, degree in slow:
            parts.append(table(name, doc, *on_half_line(f, degree, 40)))
    rows, error = dawson_pieces()
    parts += [
        "/// `(1 + 2 x^2) D(x)/x`, `D` Dawson's integral, in 128 pieces of `u = 2/(2 + x)`, eight coefficients each: powers of",
        "/// the local variable `s = 2 (128 u - i) - 1` of piece `i`.",
        "///",
        f"/// Degree 7, error at most {nstr(error, 2)}.",
        "#[rustfmt::skip]",
        f"pub(super) static DAWSON: [f64; {8 * len(rows)}] = [",
    ]
    parts += ["    " + ", ".join(literal(c) for c in row) + "," for row in rows]
    parts += ["];", ""]
    for order in (6, 16):
        nodes = legendre(order)
        parts += [
            f"/// Nodes and weights of the Gauss-Legendre rule of {order} points on [-1, 1].",
            "#[rustfmt::skip]",
            f"pub(super) const GAUSS_LEGENDRE_{order}: [(f64, f64); {order}] = [",
        ]
        parts += [f"    ({literal(x)}, {literal(w)})," for x, w in nodes] + ["];", ""]
    OUTPUT.write_text("\n".join(parts))


def legendre(order):
    """Nodes and weights by Newton's method on the Legendre polynomial."""
    result = []
    for i in range(order):
        x = cos(pi * (i + mpf(3) / 4) / (order + mpf(1) / 2))
        for _ in range(12):
            p0, p1 = mpf(1), x
            for n in range(2, order + 1):
                p0, p1 = p1, ((2 * n - 1) * x * p1 - (n - 1) * p0) / n
            slope = order * (x * p1 - p0) / (x * x - 1)
            x -= p1 / slope
        result.append((x, 2 / ((1 - x * x) * slope**2)))
    return result[::-1]


if __name__ == "__main__":
    main()
