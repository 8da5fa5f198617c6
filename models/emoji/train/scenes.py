"""Scenes of emoji on painted grounds, with captions and depth, a batch of tensors at a time.

The words, hues and colours are those of src/datasets/emoji.json, which the benchmark's scenes are
made from too. The benchmark draws its scenes with another generator (src/datasets, TypeScript).
"""

import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from networks import PICTURE

ROOT = Path(__file__).resolve().parents[3]
VALIDATION_SEED = 10**9  # training counts up from --seed and never comes near
GROUNDS = ["plain", "gradient", "noise", "stripes", "checker", "clutter"]
GROUND_WEIGHTS = [0.3, 0.12, 0.18, 0.15, 0.15, 0.1]
UNSAID = 0.7  # share of the captions that leave out colours which tell nothing apart
GROUND_WORDS = {"stripes": "striped", "checker": "checkered"}


@dataclass
class Batch:
    images: torch.Tensor  # (B, 3, 64, 64) in -1..1
    depth: torch.Tensor  # (B, 64, 64) inverse depth in 0..1, nearer is larger
    named: torch.Tensor  # (B, 64, 64) whether an object that the caption names is there
    captions: list[str]
    words: list[list[str]]  # the objects of each scene


def standardise(images, mean, std):
    """(B, 3, h, w) in -1..1 -> (colours in 0..1 - mean) / std, as pretrained networks take them."""
    return ((images + 1) / 2 - mean[:, None, None]) / std[:, None, None]


def small(phrase: str) -> str:
    """ "an old key" -> "a small old key" """
    article, _, rest = phrase.partition(" ")
    if article in ("a", "an"):
        return f"a small {rest}"
    return f"the small {rest}" if article == "the" else f"small {phrase}"


def at_side(phrase: str, side: str) -> str:
    """ "a dog on the left", "a dog at the top" """
    return f"{phrase} {'at' if side in ('top', 'bottom') else 'on'} the {side}"


def side_of(centre, others) -> str:
    """The side on which a centre (2,) lies of the others (N, 2), along the axis that tells best."""
    axis = np.abs(others - centre).min(0).argmax()
    first = centre[axis] < others[:, axis].mean()
    return (("left", "right"), ("top", "bottom"))[axis][0 if first else 1]


def rotate_hue(rgba: np.ndarray, degrees: float) -> np.ndarray:
    """Adds to the HSV hue of (h, w, 4) in 0..1; saturation, value and alpha stay."""
    rgb = rgba[..., :3]
    value, low = rgb.max(-1), rgb.min(-1)
    span = value - low
    r, g, b = np.moveaxis(rgb, -1, 0)
    safe = np.where(span == 0, 1, span)
    sector = np.where(
        value == r, (g - b) / safe, np.where(value == g, 2 + (b - r) / safe, 4 + (r - g) / safe)
    )
    h = sector * 60 + degrees
    # Red, green and blue lie at 5, 3 and 1 of HSV's piecewise linear wheel.
    channel = lambda n: value - span * np.clip(
        np.minimum((n + h / 60) % 6, 4 - (n + h / 60) % 6), 0, 1
    )
    return np.stack([channel(5), channel(3), channel(1), rgba[..., 3]], -1)


class Scenes:
    """Draws scenes, the same of the same seed.

    coloured: how many times as often as others words come that have several hues.
    recoloured: share of their objects that are in one of all hues; the others have their emoji's.
    """

    def __init__(self, glyphs: str, seed: int, coloured=1.0, recoloured=0.5):
        self.recoloured = recoloured
        spec = json.loads((ROOT / "src/datasets/emoji.json").read_text())
        self.words, self.hues, self.colours = spec["words"], spec["hues"], spec["colours"]
        self.names = list(self.words)
        self.rng = np.random.default_rng(seed)
        atlas, self.variants = [], {}
        for name, entry in self.words.items():
            picture = Image.open(Path(glyphs) / f"{entry['glyph']}.png").convert("RGBA")
            rgba = np.asarray(picture, np.float32) / 255
            self.variants[name, None] = len(atlas)
            atlas.append(rgba)
            if "hue" in entry:
                for hue, degrees in self.hues.items():
                    self.variants[name, hue] = len(atlas)
                    atlas.append(rotate_hue(rgba, degrees - entry["hue"]).astype(np.float32))
        shares = np.array([coloured if "hue" in self.words[name] else 1 for name in self.names])
        self.shares = shares / shares.sum()
        stack = torch.from_numpy(np.stack(atlas)).permute(0, 3, 1, 2).contiguous()
        self.means = ((stack[:, :3] * stack[:, 3:]).sum((2, 3)) / stack[:, 3:].sum((2, 3))).numpy()
        full = torch.cat([stack[:, :3] * stack[:, 3:], stack[:, 3:]], 1)
        # Small objects are sampled from glyphs of half the size, or thin lines would flicker.
        self.atlas = [full, F.avg_pool2d(full, 2)]

    # --- what a scene shows ---

    def phrase(self, name, hue, article):
        phrase = self.words[name]["phrase"]
        bare = phrase == name
        if hue:
            phrase = f"{hue} {name}" if bare else f"{'an' if hue[0] in 'aeiou' else 'a'} {hue} {name}"
        if article == "the":
            phrase = "the " + (phrase if bare else phrase.split(" ", 1)[1])
        return phrase

    def pick_object(self):
        name = self.names[self.rng.choice(len(self.names), p=self.shares)]
        hue = None
        if "hue" in self.words[name] and self.rng.random() < self.recoloured:
            hue = list(self.hues)[self.rng.integers(len(self.hues))]
        return name, hue

    def layout(self, counts=(0.56, 0.3, 0.14), partly=0.0):
        """One scene: [(atlas index, cx, cy, scale, degrees, named)], caption, [(phrase, name)], ground, colour.

        The captions of `partly` of the scenes of several objects name one of them only.
        """
        rng = self.rng
        u = lambda a, b: rng.uniform(a, b)
        count = 1 + int(rng.choice(3, p=counts))
        picked = [self.pick_object() for _ in range(count)]
        if count > 1 and rng.random() < 0.2:  # two of a kind, told apart by colour or side
            name, hue = picked[0]
            other = list(self.hues)[rng.integers(len(self.hues))]
            coloured = "hue" in self.words[name] and rng.random() < 0.5
            picked[1] = (name, other if coloured else hue)
        article = "the" if rng.random() < 0.12 else "a"
        # "a car" is one of any colour, unless its colour tells it from another.
        looks = lambda name: {hue for other, hue in picked if other == name}
        unsaid = rng.random() < UNSAID
        said = [(name, None if unsaid and len(looks(name)) == 1 else hue) for name, hue in picked]
        phrases = [self.phrase(*p, article) for p in said]
        ground = GROUNDS[rng.choice(len(GROUNDS), p=GROUND_WEIGHTS)]
        colour = list(self.colours)[rng.integers(len(self.colours))] if rng.random() < 0.35 else None
        objects = []
        only = int(rng.integers(count)) if count > 1 and rng.random() < partly else None
        if count == 1:
            # A third are large and in the middle: that is what a bare word should look like.
            large = rng.random() < 0.35
            scale = u(0.72, 0.95) if large else u(0.3, 0.75)
            room = 0.02 if large else (1 - scale) / 2 + 0.04
            cx, cy = 0.5 + u(-room, room), 0.5 + u(-room, room)
            objects = [(cx, cy, scale)]
            if scale < 0.5 and rng.random() < 0.4:
                phrases[0] = small(phrases[0])
            caption = phrases[0]
            sides = [s for s, on in (("left", cx < 0.36), ("right", cx > 0.64), ("top", cy < 0.36), ("bottom", cy > 0.64)) if on]
            style = rng.random()
            if sides and rng.random() < 0.6:
                caption = at_side(caption, sides[0])
            elif style < 0.12:
                caption = f"a photo of {caption}"
            elif style < 0.22:
                caption = f"an emoji of {caption}"
        elif count == 2:
            across = rng.random() < 0.7
            first, second = u(0.36, 0.55), u(0.36, 0.55)
            offset = 0.25 if rng.random() < 0.7 else u(0.14, 0.25)  # the rest may overlap
            places = []
            for sign, s in ((-1, first), (1, second)):
                main = 0.5 + sign * offset + u(-0.04, 0.04)
                free = u(s / 2, 1 - s / 2)
                places.append((main, free, s) if across else (free, main, s))
            swap = rng.random() < 0.5
            objects = places[::-1] if swap else places
            a, b = phrases
            lo, hi = ("left", "right") if across else ("top", "bottom")
            here, there = (hi, lo) if swap else (lo, hi)
            style = rng.random()
            if style < 0.45:
                caption = f"{a} and {b}"
            elif style < 0.75:
                caption = f"{at_side(a, here)} and {at_side(b, there)}"
            elif across:
                caption = f"{a} {'right' if swap else 'left'} of {b}"
            else:
                caption = f"{a} {'below' if swap else 'above'} {b}"
        else:
            quadrants = [(0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)]
            for k in rng.permutation(4)[:3]:
                x, y = quadrants[k]
                objects.append((x + u(-0.06, 0.06), y + u(-0.06, 0.06), u(0.3, 0.45)))
            caption = f"{phrases[0]}, {phrases[1]} and {phrases[2]}"
        if only is not None:
            caption = phrases[only]
            others = [i for i in range(count) if i != only]
            twins = [i for i in others if said[i] == said[only]]
            if rng.random() < 0.35 or twins:
                centres = np.array([o[:2] for o in objects])
                caption = at_side(caption, side_of(centres[only], centres[twins or others]))
        if ground == "plain" and colour and rng.random() < 0.75:
            caption += f" on {'an' if colour[0] in 'aeiou' else 'a'} {colour} background"
        elif ground in GROUND_WORDS and rng.random() < 0.35:
            caption += f" on a {GROUND_WORDS[ground]} background"
        items = [
            (self.variants[p], x, y, s, rng.normal(0, 7), only in (None, i))
            for i, (p, (x, y, s)) in enumerate(zip(picked, objects))
        ]
        return items, caption, list(zip(phrases, (p[0] for p in picked))), ground, colour

    # --- how it looks ---

    def ground_colours(self, indices, colour):
        rng = self.rng
        if colour:
            first = np.asarray(self.colours[colour]) / 255 + rng.uniform(-0.06, 0.06, 3)
        else:
            first = rng.random(3)
        gap = 0.1 if rng.random() < 0.3 else 0.35
        means = self.means[indices]
        for _ in range(20):
            if colour or (np.linalg.norm(means - first, axis=1) >= gap).all():
                break
            first = rng.random(3)
        for _ in range(20):
            second = rng.random(3)
            if (np.linalg.norm(np.vstack([means, first]) - second, axis=1) >= gap).all():
                break
        return np.clip(first, 0, 1), second

    def paint(self, grounds, colours, size):
        """(B, 3, size, size): each scene's ground from its two colours."""
        rng, n = self.rng, len(grounds)
        axis = (torch.arange(size) + 0.5) / size
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        blend = torch.zeros(n, size, size)
        for i, kind in enumerate(grounds):
            if kind == "gradient":
                dx, dy = rng.uniform(-1, 1, 2)
                blend[i] = 0.5 + ((x - 0.5) * dx + (y - 0.5) * dy) / (abs(dx) + abs(dy))
            elif kind == "noise":
                cells = int(rng.integers(4, 9))
                lattice = torch.from_numpy(rng.random((1, 1, cells, cells), np.float32))
                smooth = F.interpolate(lattice, (size, size), mode="bilinear")[0, 0]
                blend[i] = (0.5 + 3 * (smooth - 0.5)).clamp(0, 1)
            elif kind == "stripes":
                dx, dy = [(1, 0), (0, 1), (1, 1), (1, -1)][rng.integers(4)]
                blend[i] = ((x * dx + y * dy) * int(rng.integers(5, 13)) + rng.random()).floor() % 2
            elif kind == "checker":
                count = int(rng.integers(4, 10))
                px, py = rng.random(2)
                blend[i] = ((x * count + px).floor() + (y * count + py).floor()) % 2
        first, second = (torch.from_numpy(c).float()[:, :, None, None] for c in colours)
        rgb = first + blend[:, None] * (second - first)
        for i, kind in enumerate(grounds):
            if kind == "clutter":  # boxes and discs of any colour
                for _ in range(int(rng.integers(12, 36))):
                    cx, cy, r = rng.random(), rng.random(), rng.uniform(0.03, 0.14)
                    inside = (x - cx) ** 2 + (y - cy) ** 2 < r * r
                    if rng.random() < 0.5:
                        a = rng.random()
                        inside = ((x - cx).abs() < r) & ((y - cy).abs() < r * (0.4 + a))
                    rgb[i][:, inside] = torch.from_numpy(rng.random(3, np.float32))[:, None]
        return rgb

    def batch(self, n: int, **layout) -> Batch:
        size = PICTURE
        scenes = [self.layout(**layout) for _ in range(n)]
        grounds = [s[3] for s in scenes]
        colours = zip(*(self.ground_colours([o[0] for o in s[0]], s[4]) for s in scenes))
        rgb = self.paint(grounds, [np.stack(c) for c in colours], size)
        depth = (0.3 * (torch.arange(size) + 0.5) / size)[None, :, None].repeat(n, 1, size)
        named = torch.zeros(n, size, size, dtype=torch.bool)
        # Nearer objects stand lower and hide those behind them.
        ordered = [sorted(s[0], key=lambda o: o[2] + o[3] / 2) for s in scenes]
        for layer, level in itertools.product(range(3), range(2)):
            chosen = [
                i for i in range(n)
                if layer < len(ordered[i]) and (ordered[i][layer][3] < 0.55) == bool(level)
            ]
            if not chosen:
                continue
            index, cx, cy, scale, degrees, called = (
                torch.tensor(v) for v in zip(*(ordered[i][layer] for i in chosen))
            )
            angle = degrees * (math.pi / 180)
            cos, sin = angle.cos() / scale, angle.sin() / scale
            dx, dy = 2 * cx - 1, 2 * cy - 1
            theta = torch.stack(
                [cos, sin, -(cos * dx + sin * dy), -sin, cos, sin * dx - cos * dy], 1
            ).view(-1, 2, 3)
            grid = F.affine_grid(theta.float(), (len(chosen), 4, size, size), align_corners=False)
            glyph = F.grid_sample(self.atlas[level][index], grid, align_corners=False)
            alpha = glyph[:, 3:]
            rgb[chosen] = glyph[:, :3] + (1 - alpha) * rgb[chosen]
            near = (0.35 + 0.6 * (cy + scale / 2).clamp(0, 1)).float()[:, None, None]
            here = alpha[:, 0] >= 0.5
            depth[chosen] = torch.where(here, near, depth[chosen])
            named[chosen] = torch.where(here, called[:, None, None], named[chosen])
        return Batch(2 * rgb.clamp(0, 1) - 1, depth, named, [s[1] for s in scenes],
                     [[name for _, name in s[2]] for s in scenes])
