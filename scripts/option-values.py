#!/usr/bin/env python3
"""Values of options by an independent implementation, to prove ours against.

    python3 -m venv /tmp/values && /tmp/values/bin/pip install vollib
    /tmp/values/bin/python scripts/option-values.py > openalgo-core/tests/data/option-values.csv

Deep in and out of the money, from an hour before expiry to two years, calm and wild markets.
"""

import itertools
import sys

from vollib.black import black
from vollib.black.greeks import analytical as future
from vollib.black_scholes_merton import black_scholes_merton
from vollib.black_scholes_merton.greeks import analytical as spot

GREEKS = ("delta", "gamma", "theta", "vega", "rho")


def main() -> None:
    print("model,right,underlying,strike,years,rate,dividend,volatility,price," + ",".join(GREEKS))
    moneyness = (0.5, 0.8, 0.95, 1.0, 1.05, 1.25, 2.0)
    years = (1 / 8760, 1 / 365, 7 / 365, 30 / 365, 0.5, 2.0)
    markets = ((0.0, 0.05), (0.065, 0.12), (0.1, 0.6), (-0.01, 1.5))
    for part, year, (rate, volatility), right in itertools.product(moneyness, years, markets, "cp"):
        price, strike = 26_000.0, 26_000.0 * part
        terms = (right, price, strike, year, rate)
        worth = black(*terms, volatility)
        greeks = [getattr(future, greek)(*terms, volatility) for greek in GREEKS]
        show("black76", right, (price, strike, year, rate, 0.0, volatility), worth, greeks)
        dividend = 0.015
        worth = black_scholes_merton(*terms, volatility, dividend)
        greeks = [getattr(spot, greek)(*terms, volatility, dividend) for greek in GREEKS]
        show("merton", right, (price, strike, year, rate, dividend, volatility), worth, greeks)


def show(model: str, right: str, terms: tuple, price: float, greeks: list) -> None:
    numbers = ",".join(repr(float(number)) for number in (*terms, price, *greeks))
    print(f"{model},{'CE' if right == 'c' else 'PE'},{numbers}")


if __name__ == "__main__":
    sys.exit(main())
