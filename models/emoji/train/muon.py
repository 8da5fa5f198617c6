"""Muon (Jordan et al. 2024): momentum, made orthogonal by five Newton-Schulz steps."""

import torch


class Muon(torch.optim.Optimizer):
    """For weights of two axes or more; all but the first count as one. `torch.optim.Muon` refuses kernels."""

    def __init__(self, groups, momentum: float, weight_decay: float):
        super().__init__(groups, {"momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state, g = self.state[p], p.grad.flatten(1)
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(g)
                state["momentum"].lerp_(g, 1 - group["momentum"])
                update = orthogonal(g.lerp(state["momentum"], group["momentum"]))
                rows, columns = update.shape
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.view(p.shape), alpha=-group["lr"] * max(1, rows / columns) ** 0.5)


def muon_and_adam(modules, rate: float, weight_decay=0.01):
    """Muon for hidden matrices and kernels; AdamW, a tenth as fast, for all else.

    Else are vectors, embeddings, and what is called input, output, position or places.
    """
    named = [(n, p) for m in modules for n, p in m.named_parameters()]
    apart = ("input", "output", "token", "position", "places", "queries")
    hidden = [p for n, p in named if p.ndim > 1 and not any(part in apart for part in n.split("."))]
    chosen = set(map(id, hidden))
    rest = [p for _, p in named if id(p) not in chosen]
    return [
        Muon([{"params": hidden, "lr": rate}], momentum=0.95, weight_decay=weight_decay),
        torch.optim.AdamW([{"params": rest, "lr": rate / 10}], betas=(0.9, 0.99), weight_decay=weight_decay),
    ]


def orthogonal(g):
    """About the nearest matrix with orthonormal rows or columns."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.T if g.shape[0] > g.shape[1] else g
    x = x / (x.norm() + 1e-7)
    # Every step is a polynomial in S = x x^T, times x: for a long x only the polynomials' product.
    s, product = x @ x.T, None
    for _ in range(5):
        factor = torch.addmm(s, s, s, beta=b, alpha=c)
        factor.diagonal().add_(a)
        if x.shape[1] > 2 * x.shape[0]:
            product = factor if product is None else factor @ product
            s = factor @ s @ factor
        else:
            x = factor @ x
            s = x @ x.T
    x = x if product is None else product @ x
    return x.T if g.shape[0] > g.shape[1] else x
