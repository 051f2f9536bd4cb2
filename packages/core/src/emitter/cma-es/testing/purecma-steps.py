"""The steps of CMA-ES as Hansen's purecma takes them, written from its equations with NumPy alone.

`python3 purecma-steps.py` prints what `cma-es.test.ts` holds: 5 dimensions, 8 draws a generation, without negative weights, the
function sum_i 1000^(2 i / 4) x_i^2 (the ellipsoid), from the mean (1, ..., 1) with step size 0.5. The normal numbers come from
the generator of Park and Miller, so that any program can have the same ones. Draws are `mean + sigma C^(1/2) z` with the symmetric root, which
unlike purecma's `B D z` does not depend on the signs of eigenvectors; the distribution is the same.
"""

import numpy as np

n, lam = 5, 8
mu = lam // 2


state = 1


def uniform():
    """Park and Miller's generator: 16807 x mod (2^31 - 1), in (0, 1)."""
    global state
    state = state * 16807 % 2147483647
    return state / 2147483647


def normals():
    """lam x n normal numbers, row by row: Box and Muller's sqrt(-2 ln u) cos(2 pi v)."""
    pairs = np.array([[uniform(), uniform()] for _ in range(lam * n)])
    return (np.sqrt(-2 * np.log(pairs[:, 0])) * np.cos(2 * np.pi * pairs[:, 1])).reshape(lam, n)


raw = np.log(lam / 2 + 0.5) - np.log(np.arange(1, mu + 1))
w = raw / raw.sum()
mueff = w.sum() ** 2 / (w**2).sum()
cc = (4 + mueff / n) / (n + 4 + 2 * mueff / n)
cs = (mueff + 2) / (n + mueff + 5)
c1 = 2 / ((n + 1.3) ** 2 + mueff)
cmu = min(1 - c1, 2 * (mueff - 2 + 1 / mueff) / ((n + 2) ** 2 + mueff))
damps = 2 * mueff / lam + 0.3 + cs
lazy = 0.5 * n * lam / (c1 + cmu) / n**2
print("constants", [float(x) for x in (mueff, cc, cs, c1, cmu, damps, lazy)])

mean, sigma = np.ones(n), 0.5
ps, pc, C = np.zeros(n), np.zeros(n), np.eye(n)
root, invroot, updated, evals = np.eye(n), np.eye(n), 0, 0
scale = 1000.0 ** (2 * np.arange(n) / (n - 1))
for generation in range(60):
    if evals > updated + lazy:
        values, B = np.linalg.eigh(C)
        root, invroot = (B * np.sqrt(values)) @ B.T, (B / np.sqrt(values)) @ B.T
        updated = evals
    X = mean + sigma * normals() @ root
    order = np.argsort((scale * X**2).sum(1), kind="stable")
    evals += lam
    old = mean
    mean = w @ X[order[:mu]]
    y = mean - old
    ps = (1 - cs) * ps + np.sqrt(cs * (2 - cs) * mueff) / sigma * (invroot @ y)
    hsig = (ps @ ps) / n / (1 - (1 - cs) ** (2 * evals / lam)) < 2 + 4 / (n + 1)
    pc = (1 - cc) * pc + np.sqrt(cc * (2 - cc) * mueff) / sigma * hsig * y
    c1a = c1 * (1 - (1 - hsig**2) * cc * (2 - cc))
    C = (1 - c1a - cmu) * C + c1 * np.outer(pc, pc)
    for k in range(mu):
        d = X[order[k]] - old
        C += w[k] * cmu / sigma**2 * np.outer(d, d)
    sigma *= np.exp(min(1, cs / damps * ((ps @ ps) / n - 1) / 2))
    if generation + 1 in (1, 2, 5, 20, 60):
        print(generation + 1, "mean", [float(f"{x:.12g}") for x in mean], "sigma", float(f"{sigma:.12g}"), "diagonal", [float(f"{x:.12g}") for x in np.diag(C)], "corner", float(f"{C[0, n - 1]:.12g}"))
