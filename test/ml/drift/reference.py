"""Prints the figures that differences.test.ts holds. Needs scipy."""

from scipy.special import kolmogorov
from scipy.stats import false_discovery_control, hypergeom, ks_2samp

for before, of, now, of_now in [
    (3, 100, 3, 10),
    (0, 1000, 1, 20),
    (500, 9051, 9, 30),
    (9000, 9051, 25, 30),
    (2, 9051, 2, 40),
    (40, 9051, 0, 400),
    (1500, 20000, 90000, 1000000),
    (7, 9051, 30, 50),
    (0, 100, 0, 10),
    (100, 100, 10, 10),
]:
    tails = hypergeom(of + of_now, before + now, of_now)
    print(before, of, now, of_now, min(1, 2 * min(tails.cdf(now), tails.sf(now - 1))))
print([float(kolmogorov(x)) for x in (0.2, 0.5, 0.8, 1.0, 1.36, 2.0, 3.0)])
before, now = [1, 2, 2, 3, 5, 8, 8, 8, 13, 21] * 20, [2, 3, 3, 5, 8, 13, 13, 40] * 8
print(ks_2samp(before, now))
print(false_discovery_control([0.01, 0.2, 0.03, 0.5, 0.001, 0.03]).tolist())
