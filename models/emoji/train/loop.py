"""What every training script shares: arguments, learning rate, averaged weights, checkpoints."""

import argparse
import copy
import functools
import math
import os
import signal
import time
from pathlib import Path

import torch

from scenes import Scenes

SHARE_EVERY = 50  # steps between the meetings of a run's processes


def arguments(steps: int, batch: int, rate: float):
    parser = argparse.ArgumentParser()
    parser.add_argument("--glyphs", required=True, help="img/google/64 of emoji-datasource-google@16.0.0")
    parser.add_argument("--runs", default="runs", help="folder of the checkpoints")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop early, with a checkpoint")
    parser.add_argument("--rank", type=int, default=0, help="another process of the same run, on cores of its own")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--float32", action="store_true", help="faster on CPUs without bfloat16 of their own")
    args = parser.parse_args()
    args.precision = functools.partial(
        torch.autocast, args.device, torch.bfloat16, enabled=not args.float32
    )
    return args


class Loop:
    """Counts steps, sets the learning rate, averages weights, saves; resumes from its checkpoint."""

    def __init__(self, name, args, modules: dict, optimizers: list, decay=0.999, warmup=200):
        self.args, self.modules, self.optimizers, self.decay = args, modules, optimizers, decay
        self.warmup, self.step, self.seconds, self.shared = warmup, 0, 0.0, time.time()
        self.rates = [[g["lr"] for g in o.param_groups] for o in optimizers]
        self.path = Path(args.runs) / f"{name}.pt"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.average = {k: copy.deepcopy(m).requires_grad_(False) for k, m in modules.items()}
        if self.path.exists():
            state = torch.load(self.path, weights_only=False, map_location=args.device)
            for k, m in modules.items():
                m.load_state_dict(state["modules"][k])
                self.average[k].load_state_dict(state["average"][k])
            for o, s in zip(optimizers, state["optimizers"]):
                o.load_state_dict(s)
            self.step, self.seconds = state["step"], state["seconds"]
            print(f"Resumed at step {self.step}", flush=True)
        # Another seed after each resumption: scenes are drawn anew, never repeated.
        self.seed = args.seed + self.step + 10**7 * args.rank
        torch.manual_seed(self.seed)
        self.scenes = Scenes(args.glyphs, self.seed)

    def __iter__(self):
        start, saved = time.time(), time.time()
        asked = []  # Ctrl-C and SIGTERM end the loop after the step, with a checkpoint
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: asked.append(True))
        before = self.seconds
        while self.step < self.args.steps:
            # Warm-up, then constant, then a straight line to zero over the last third.
            left = 1 - self.step / self.args.steps
            scale = min(1, (self.step + 1) / self.warmup, 3 * left)
            for o, rates in zip(self.optimizers, self.rates):
                for g, rate in zip(o.param_groups, rates):
                    g["lr"] = rate * scale
            yield self.step
            decay = min(self.decay, (1 + self.step) / (10 + self.step))
            with torch.no_grad():
                for k, m in self.modules.items():
                    live = list(m.parameters())
                    torch._foreach_lerp_(list(self.average[k].parameters()), live, 1 - decay)
                    for a, b in zip(self.average[k].buffers(), m.buffers()):
                        a.copy_(b)
            self.step += 1
            if self.step % SHARE_EVERY == 0:
                self.share()
            self.seconds = before + time.time() - start
            stop = asked or time.time() - start > 60 * self.args.minutes
            if time.time() - saved > 300 or stop or self.step == self.args.steps:
                self.save()
                saved = time.time()
            if stop:
                break

    def optimise(self, loss, clip=1.0):
        for o in self.optimizers:
            o.zero_grad(set_to_none=True)
        loss.backward()
        parameters = [p for m in self.modules.values() for p in m.parameters()]
        torch.nn.utils.clip_grad_norm_(parameters, clip)
        for o in self.optimizers:
            o.step()

    def log(self, every=100, **values):
        self.sums = getattr(self, "sums", {})
        for k, v in values.items():
            self.sums[k] = self.sums.get(k, 0) + float(v.detach())
        if (self.step + 1) % every == 0:
            text = "  ".join(f"{k} {v / every:.4f}" for k, v in self.sums.items())
            print(f"{self.step + 1}  {self.seconds:.0f} s  {text}", flush=True)
            self.sums = {}

    def share(self):
        """Meets the other ranks halfway, if there are any: nobody waits for anybody (local SGD)."""
        path = lambda rank: self.path.with_suffix(f".{rank}.share")
        others = [p for p in self.path.parent.glob(f"{self.path.stem}.*.share") if p != path(self.args.rank)]
        # What a rank has left that has stopped since is not met a second time.
        news = [p for p in others if p.stat().st_mtime > self.shared]
        self.shared = time.time()
        if self.args.rank > 0 or others:
            new = path(self.args.rank).with_suffix(".new")
            torch.save({k: m.state_dict() for k, m in self.modules.items()}, new)
            os.replace(new, path(self.args.rank))
        for state in [torch.load(p, map_location=self.args.device) for p in news]:
            with torch.no_grad():
                for k, m in self.modules.items():
                    for name, p in m.named_parameters():
                        p.lerp_(state[k][name], 1 / (1 + len(news)))

    def save(self):
        if self.args.rank > 0:
            return
        new = self.path.with_suffix(".new")
        torch.save({
            "step": self.step,
            "seconds": self.seconds,
            "modules": {k: m.state_dict() for k, m in self.modules.items()},
            "average": {k: m.state_dict() for k, m in self.average.items()},
            "optimizers": [o.state_dict() for o in self.optimizers],
        }, new)
        os.replace(new, self.path)


def load(runs, name, modules: dict):
    """Puts a run's averaged weights into the modules."""
    state = torch.load(Path(runs) / f"{name}.pt", weights_only=False, map_location="cpu")
    for k, m in modules.items():
        m.load_state_dict(state["average"][k])
        m.requires_grad_(False).eval()
    return state["step"]
