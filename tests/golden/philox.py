"""Philox4x32-10 (Salmon et al. 2011) and the numbers Peekaboo makes from it, for golden values."""

import numpy as np
import torch

STREAMS = {"init": 0, "frequencies": 5, "weights": 6}


def words(count: int, seed: int, stream: int, counter: int = 0) -> np.ndarray:
    """Random 32-bit words: block i of four is philox((i, counter, 0, 0), key (seed, stream))."""
    blocks = -(-count // 4)
    c = [np.arange(blocks, dtype=np.uint64), *(np.full(blocks, v, np.uint64) for v in (counter, 0, 0))]
    mask = np.uint64(0xFFFFFFFF)
    for r in range(10):
        keys = [np.uint64((k + r * w) & 0xFFFFFFFF) for k, w in ((seed, 0x9E3779B9), (stream, 0xBB67AE85))]
        first, second = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        high = [product >> np.uint64(32) for product in (first, second)]
        c = [high[1] ^ c[1] ^ keys[0], second & mask, high[0] ^ c[3] ^ keys[1], first & mask]
    return np.stack(c, 1).reshape(-1)[:count]


def uniform(count: int, seed: int, stream: str, counter: int = 0) -> torch.Tensor:
    """In [0, 1), from the upper 24 bits of a word."""
    return torch.tensor((words(count, seed, STREAMS[stream], counter) >> np.uint64(8)) / 2.0**24)


def normal(count: int, seed: int, stream: str, counter: int = 0) -> torch.Tensor:
    """N(0, 1), the inverse distribution function at the middle of one of 2²³ equal parts."""
    parts = words(count, seed, STREAMS[stream], counter) >> np.uint64(9)
    return 2**0.5 * torch.erfinv(torch.tensor((2.0 * parts + 1) / 2.0**23 - 1))
