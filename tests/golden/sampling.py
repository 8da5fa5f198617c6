"""Writes what DDIM and PNDM do, in float64, from the papers' equations.

    python tests/golden/sampling.py [--diffusers]

A made-up network stands for the U-Net; `src/diffusion/sampler_test.ts` has the same one. For every
case, `sampling.json` lists the timesteps at which the network is asked and the latents after each
step. With `--diffusers`, its own schedulers run beside, and must agree wherever they compute the
same: they do not for v-prediction in PNDM, where they combine raw outputs instead of estimates of
the noise, nor for an odd distance of timesteps, whose half they round two ways. Needs numpy.
"""

import json
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent / "sampling.json"
T = 1000
BETAS = np.linspace(0.00085**0.5, 0.012**0.5, T) ** 2
ALPHAS = np.cumprod(1 - BETAS)
START = [1.5, -0.75, 0.25, -2.0, 0.5, 1.0]
GUIDANCE = 3.0


def network(z, t):
    """What it predicts without and with a prompt."""
    unconditional = np.tanh(0.7 * z + 0.3 * np.sin(t / 150))
    conditional = np.tanh(0.9 * z - 0.2 + 0.1 * np.cos(t / 70))
    return unconditional, conditional


def guided(z, t):
    unconditional, conditional = network(z, t)
    return unconditional + GUIDANCE * (conditional - unconditional)


class Run:
    """One sampler at work: knows the case, and records what happens."""

    def __init__(self, case):
        self.case = case
        self.asked = []
        self.trajectory = []

    def noise(self, z, t):
        """The network's estimate of the noise in z_t."""
        self.asked.append(int(t))
        output = guided(z, t)
        if self.case["prediction_type"] == "epsilon":
            return output
        # Salimans and Ho 2022: v = √ᾱ ε − √(1−ᾱ) x, z = √ᾱ x + √(1−ᾱ) ε
        return np.sqrt(ALPHAS[t]) * output + np.sqrt(1 - ALPHAS[t]) * z

    def alpha(self, t):
        if t is not None:
            return ALPHAS[t]
        return 1.0 if self.case["set_alpha_to_one"] else ALPHAS[0]

    def ddim(self, z, timesteps):
        """Song et al. 2021, equation 12 with σ_t = 0."""
        for t, following in zip(timesteps, [*timesteps[1:], None]):
            now, then = self.alpha(t), self.alpha(following)
            e = self.noise(z, t)
            clean = (z - np.sqrt(1 - now) * e) / np.sqrt(now)
            if self.case["clip_sample"]:
                clean = np.clip(clean, -1, 1)
            z = np.sqrt(then) * clean + np.sqrt(1 - then) * e
            self.trajectory.append(z.tolist())

    def transfer(self, z, e, t, following):
        """Liu et al. 2022, equation 11."""
        now, then = self.alpha(t), self.alpha(following)
        denominator = np.sqrt(now) * (np.sqrt((1 - then) * now) + np.sqrt((1 - now) * then))
        return np.sqrt(then / now) * z - (then - now) / denominator * e

    def pndm(self, z, timesteps):
        """Liu et al. 2022, algorithm 2; without Runge–Kutta steps, as latent diffusion begins it."""
        old = []
        for t, following in zip(timesteps, [*timesteps[1:], None]):
            e = self.noise(z, t)
            step = len(old)
            if following is not None and not self.case["skip_prk_steps"] and step < 3:
                # Equation 13
                half = t - (t - following) // 2
                e2 = self.noise(self.transfer(z, e, t, half), half)
                e3 = self.noise(self.transfer(z, e2, t, half), half)
                e4 = self.noise(self.transfer(z, e3, t, following), following)
                along = (e + 2 * e2 + 2 * e3 + e4) / 6
            elif following is not None and step == 0:
                along = (e + self.noise(self.transfer(z, e, t, following), following)) / 2
            elif step == 0:
                along = e
            elif step == 1:
                along = (3 * e - old[-1]) / 2
            elif step == 2:
                along = (23 * e - 16 * old[-1] + 5 * old[-2]) / 12
            else:
                # Equation 12
                along = (55 * e - 59 * old[-1] + 37 * old[-2] - 9 * old[-3]) / 24
            old.append(e)
            z = self.transfer(z, along, t, following)
            self.trajectory.append(z.tolist())


def timesteps_of(case):
    """Lin et al. 2024, table 2, from the noisiest on."""
    steps = case["steps"]
    if case["timestep_spacing"] == "leading":
        timesteps = np.arange(steps) * (T // steps) + case["steps_offset"]
    elif case["timestep_spacing"] == "trailing":
        timesteps = np.round(np.arange(T, 0, -T / steps))[::-1] - 1
    else:
        timesteps = np.round(np.linspace(0, T - 1, steps))
    return [int(t) for t in timesteps[::-1]]


def case(scheduler, steps, **changes):
    return {
        "scheduler": scheduler,
        "steps": steps,
        "prediction_type": "epsilon",
        "timestep_spacing": "leading",
        "steps_offset": 1,
        "set_alpha_to_one": False,
        "skip_prk_steps": True,
        "clip_sample": False,
        **changes,
    }


CASES = [
    case("ddim", 10),
    case("ddim", 7, prediction_type="v_prediction", set_alpha_to_one=True),
    case("ddim", 5, clip_sample=True, steps_offset=0),
    case("ddim", 8, timestep_spacing="trailing", set_alpha_to_one=True),
    case("ddim", 6, timestep_spacing="linspace"),
    case("ddim", 1),
    case("pndm", 10),
    case("pndm", 10, skip_prk_steps=False),
    case("pndm", 7, prediction_type="v_prediction", set_alpha_to_one=True),
    case("pndm", 7, prediction_type="v_prediction", skip_prk_steps=False),
    case("pndm", 3, skip_prk_steps=False),
    case("pndm", 2),
    case("pndm", 1),
]


def diffusers_latents(case):
    """The last latents by diffusers; None where it computes something else."""
    import torch
    from diffusers import DDIMScheduler, PNDMScheduler

    pndm = case["scheduler"] == "pndm"
    distance = T // case["steps"]
    runge_kutta = pndm and not case["skip_prk_steps"]
    if pndm and case["prediction_type"] != "epsilon" or runge_kutta and distance % 2 or runge_kutta and case["steps"] < 4:
        return None
    if case["timestep_spacing"] != "leading" and T % case["steps"]:
        return None
    shared = {key: case[key] for key in ["prediction_type", "timestep_spacing", "steps_offset", "set_alpha_to_one"]}
    shared |= {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    scheduler = (
        PNDMScheduler(skip_prk_steps=case["skip_prk_steps"], **shared)
        if pndm
        else DDIMScheduler(clip_sample=case["clip_sample"], **shared)
    )
    scheduler.alphas_cumprod = torch.tensor(ALPHAS)
    scheduler.final_alpha_cumprod = torch.tensor(1.0 if case["set_alpha_to_one"] else ALPHAS[0])
    scheduler.set_timesteps(case["steps"])
    z = torch.tensor(START, dtype=torch.float64)
    for t in scheduler.timesteps:
        z = scheduler.step(torch.tensor(guided(z.numpy(), int(t))), int(t), z).prev_sample
    return z.numpy()


results = []
for entry in CASES:
    run = Run(entry)
    getattr(run, entry["scheduler"])(np.array(START), timesteps_of(entry))
    results.append({**entry, "asked": run.asked, "trajectory": run.trajectory})
    if "--diffusers" in sys.argv:
        theirs = diffusers_latents(entry)
        name = f"{entry['scheduler']}, {entry['steps']} steps"
        if theirs is None:
            print(f"{name}: diffusers computes something else")
            continue
        error = np.abs(theirs - run.trajectory[-1]).max()
        assert error < 1e-5, f"{entry}: differs from diffusers by {error}"
        print(f"{name}: as diffusers, to {error:.0e}")

OUT.write_text(json.dumps({"start": START, "guidance": GUIDANCE, "cases": results}, indent=1) + "\n")
