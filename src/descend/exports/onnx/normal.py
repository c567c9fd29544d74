"""Φ⁻¹ out of arithmetic, a logarithm and a root: Wichura's PPND16 (Applied Statistics 37, 1988, AS 241), to 1e-15."""

from __future__ import annotations

from collections.abc import Sequence

from descend.exports.onnx.graph import DOUBLE, Graph

# coefficients of numerator and denominator, the constant first
_MIDDLE = (
    (
        *(3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4),
        *(4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    ),
    (
        *(1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3),
        *(2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
    ),
)
_TAIL = (
    (
        *(1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504),
        *(1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    ),
    (
        *(1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1),
        *(1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
    ),
)
_SPLIT, _SQUARE, _SHIFT = 0.425, 0.180625, 1.6  # where the middle ends, 0.425², and the tail's origin


def _polynomial(g: Graph, x: str, coefficients: Sequence[float]) -> str:
    value = g.const(coefficients[-1], DOUBLE)
    for one in reversed(coefficients[:-1]):
        value = g.op("Add", g.op("Mul", value, x), g.const(one, DOUBLE))
    return value


def _ratio(g: Graph, x: str, both: tuple[Sequence[float], Sequence[float]]) -> str:
    above, below = (_polynomial(g, x, one) for one in both)
    return g.op("Div", above, below)


def normal_quantile(g: Graph, p: str) -> str:
    """Return Φ⁻¹(p), float64, for p from 1e-11 to 1 − 1e-11; NaN stays NaN."""
    q = g.op("Sub", p, g.const(0.5, DOUBLE))
    middle = g.op("Mul", q, _ratio(g, g.op("Sub", g.const(_SQUARE, DOUBLE), g.op("Mul", q, q)), _MIDDLE))
    nearer = g.op("Min", p, g.op("Sub", g.const(1.0, DOUBLE), p))
    r = g.op("Sqrt", g.op("Neg", g.op("Log", nearer)))
    tail = g.op("Mul", g.op("Sign", q), _ratio(g, g.op("Sub", r, g.const(_SHIFT, DOUBLE)), _TAIL))
    near = g.op("LessOrEqual", g.op("Abs", q), g.const(_SPLIT, DOUBLE))
    return g.op("Where", near, middle, tail)
