"""Writes image files of many kinds, with the pixels that a viewer shows of each.

    python tests/golden/images.py

needs Pillow and safetensors. `tests/fixtures/images/variants.safetensors` holds for every variant its
file (`<name>`, bytes) and the right pixels (`<name>.right`, (height, width, 4), straight RGBA in sRGB,
upright). JPEG and GIF are read by Pillow, PNG samples are known from writing them. A variant's
orientation is known as well: the readers of neighbouring projects disagree about the odd ones.
"""

import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms
from safetensors.numpy import save_file

OUT = pathlib.Path(__file__).parent.parent / "fixtures/images/variants.safetensors"
W, H = 20, 12
tensors = {}


def colours():
    """A smooth image without symmetries (H, W, 3), so that lossy codecs stay close."""
    y, x = np.mgrid[0:H, 0:W]
    u, v = x / (W - 1), y / (H - 1)
    bump = np.exp(-8 * ((u - 0.3) ** 2 + (v - 0.6) ** 2))
    return np.stack([40 + 160 * u, 200 - 150 * v, 60 + 150 * bump], -1).round().astype(np.uint8)


RGB = colours()


def upright(pixels, orientation):
    """The stored pixels as Exif's orientation has them shown."""
    turn = [
        lambda p: p, lambda p: p[:, ::-1], lambda p: p[::-1, ::-1], lambda p: p[::-1],
        lambda p: p.swapaxes(0, 1), lambda p: p[::-1].swapaxes(0, 1),
        lambda p: p[::-1, ::-1].swapaxes(0, 1), lambda p: p[:, ::-1].swapaxes(0, 1),
    ]
    return turn[orientation - 1](pixels)


def rgba(pixels):
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, -1)
    if pixels.shape[-1] == 3:
        pixels = np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, pixels.dtype)], -1)
    return pixels


def add(name, data, pixels, orientation=1):
    assert name not in tensors, name
    tensors[name] = np.frombuffer(bytes(data), np.uint8).copy()
    right = upright(rgba(pixels), orientation)
    tensors[f"{name}.right"] = np.ascontiguousarray(right, np.uint8)


# Profiles


def tag_xyz(x, y, z):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * v) for v in (x, y, z)))


def tag_gamma(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * gamma)) + b"\0\0"


def icc(space, tags):
    """A profile of version 2 for a display."""
    text = b"text\0\0\0\0none\0\0\0\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78 + 1)
    tags = {b"desc": desc, b"cprt": text, b"wtpt": tag_xyz(0.9642, 1, 0.8249), **tags}
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"none", 0x02200000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">3i", 63190, 65536, 54061)
    return header + bytes(128 - len(header)) + table + body


def matrix(gamma, red, green, blue):
    curve = tag_gamma(gamma)
    names = zip((b"rXYZ", b"gXYZ", b"bXYZ"), (red, green, blue))
    return icc(b"RGB ", {
        **{name: tag_xyz(*xyz) for name, xyz in names},
        **{name: curve for name in (b"rTRC", b"gTRC", b"bTRC")},
    })


# Primaries of Adobe RGB (1998) and Display P3, adapted to D50.
ADOBE_RGB = matrix(2.2, (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
WIDE = matrix(1.8, (0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
SWAPPED = matrix(2.2, (0.3851, 0.7169, 0.0971), (0.4360, 0.2225, 0.0139), (0.1431, 0.0606, 0.7141))
GREY = icc(b"GRAY", {b"kTRC": tag_gamma(1.4)})
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PROFILES = {"adobe-rgb": ADOBE_RGB, "wide": WIDE, "swapped": SWAPPED, "srgb": SRGB}


def converted(image, profile):
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    target = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, source, target, intent, outputMode="RGB")


# Exif


def tiff(orientation, order=">", at=8, kind="H", entries=1):
    """Exif's TIFF data whose directory lies at `at`, with the orientation as its last entry."""
    head = (b"MM" if order == ">" else b"II") + struct.pack(order + "HI", 42, at)
    type_of = {"H": 3, "I": 4, "B": 1}[kind]
    value = struct.pack(order + kind, orientation).ljust(4, b"\0")
    fill = [struct.pack(order + "HHII", 0x0100 + k, 3, 1, 7) for k in range(entries - 1)]
    entry = struct.pack(order + "HHI", 0x0112, type_of, 1) + value
    directory = struct.pack(order + "H", entries) + b"".join(fill) + entry + bytes(4)
    return head + bytes(at - 8) + directory


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def exif(data):
    return segment(0xE1, b"Exif\0\0" + data)


# JPEG


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 97, "subsampling": 0, **options})
    return out.getvalue()


def parts(data):
    """A JPEG's segments up to the first scan, and the rest."""
    at, found = 2, []
    while data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
        found.append(data[at:end])
        at = end
    return found, data[at:]


def rebuild(data, change):
    found, rest = parts(data)
    return b"\xff\xd8" + b"".join(change(found)) + rest


def without(*markers):
    return lambda found: [part for part in found if part[1] not in markers]


def adobe(transform):
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


image, grey = Image.fromarray(RGB), Image.fromarray(RGB[..., 1])
# Inks that differ from each other, with some black.
cmyk = Image.fromarray(np.dstack([255 - RGB, RGB[..., 0] // 4]), "CMYK")
named = bytearray(rebuild(jpeg(image, keep_rgb=True), without(0xE0, 0xEE)))

BASES = {
    "grey": jpeg(grey),
    "444": jpeg(image),
    "422": jpeg(image, subsampling=1),
    "420": jpeg(image, subsampling=2),
    "progressive": jpeg(image, progressive=True),
    "restart": jpeg(image, restart_marker_blocks=2),
    "rgb": jpeg(image, keep_rgb=True),
    "rgb-named": bytes(named),
    "no-markers": rebuild(jpeg(image), without(0xE0)),
    "adobe-1": rebuild(jpeg(image), lambda found: [adobe(1), *without(0xE0)(found)]),
    "jfif-adobe-0": rebuild(jpeg(image), lambda found: [*found, adobe(0)]),
    "cmyk": jpeg(cmyk),
    "cmyk-no-adobe": rebuild(jpeg(cmyk), without(0xEE)),
    "ycck": rebuild(jpeg(cmyk), lambda found: [adobe(2), *without(0xEE)(found)]),
}


def frame_first(found):
    return sorted(found, key=lambda part: part[1] not in (0xC0, 0xC2))


split = tiff(6, at=40)
CHANGES = {
    "plain": (1, lambda f: f),
    "exif-6": (6, lambda f: [exif(tiff(6)), *f]),
    "exif-8-little": (8, lambda f: [f[0], exif(tiff(8, "<")), *f[1:]]),
    "exif-5-at-26": (5, lambda f: [*f, exif(tiff(5, at=26))]),
    "exif-3-at-10-little": (3, lambda f: [exif(tiff(3, "<", at=10)), *f]),
    "exif-7-long": (7, lambda f: [exif(tiff(7, kind="I")), *f]),
    "exif-2-long-little": (2, lambda f: [exif(tiff(2, "<", kind="I")), *f]),
    "exif-4-last": (4, lambda f: [exif(tiff(4, entries=9)), *f]),
    "exif-6-split": (6, lambda f: [exif(split[:20]), exif(split[20:]), *f]),
    "exif-9": (1, lambda f: [exif(tiff(9)), *f]),
    "exif-cut": (1, lambda f: [exif(tiff(6)[:-8]), *f]),
    "exif-empty": (1, lambda f: [exif(b""), *f]),
    "exif-astray": (1, lambda f: [exif(tiff(6)[:4] + b"\xff\xff\xff\xf0" + tiff(6)[8:]), *f]),
    "comment": (1, lambda f: [segment(0xFE, b"\xff\xd8\xff\xc0 a comment"), *f]),
    "fill-bytes": (1, lambda f: [b"\xff\xff\xff" + part for part in f]),
    "stray-bytes": (1, lambda f: [part + b"\x00\x12\x34" for part in f]),
    "frame-first": (1, frame_first),
}
# Every change on one JPEG of each kind of colours; a few on the others.
EVERYWHERE = ["444", "grey", "cmyk-no-adobe", "420"]
FEW = ["plain", "exif-6", "exif-cut", "frame-first", "fill-bytes", "exif-6-split"]


def read(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


for base, data in BASES.items():
    # Pillow reads the unchanged file: some changes are more than it takes.
    pixels = np.array(read(data))
    for change, (orientation, make) in CHANGES.items():
        if base in EVERYWHERE or change in FEW:
            add(f"jpeg/{base}/{change}", rebuild(data, make), pixels, orientation)

for name, profile in PROFILES.items():
    whole = segment(0xE2, b"ICC_PROFILE\0\1\1" + profile)
    half = len(profile) // 2
    halves = [
        segment(0xE2, b"ICC_PROFILE\0\2\2" + profile[half:]),
        segment(0xE2, b"ICC_PROFILE\0\1\2" + profile[:half]),
    ]
    right = np.array(converted(read(BASES["444"]), profile))
    add(f"jpeg/icc-{name}", rebuild(BASES["444"], lambda f: [whole, *f]), right)
    add(f"jpeg/icc-{name}-halves", rebuild(BASES["444"], lambda f: [*halves, *f]), right)
    turned = rebuild(BASES["444"], lambda f: [exif(tiff(6)), whole, *f])
    add(f"jpeg/icc-{name}-exif-6", turned, right, 6)
broken = segment(0xE2, b"ICC_PROFILE\0\1\1" + ADOBE_RGB[:200])
add("jpeg/icc-cut", rebuild(BASES["444"], lambda f: [broken, *f]), np.array(read(BASES["444"])))
plain_grey = Image.open(io.BytesIO(BASES["grey"]))
right = np.array(converted(plain_grey, GREY))
grey_icc = segment(0xE2, b"ICC_PROFILE\0\1\1" + GREY)
add("jpeg/icc-grey", rebuild(BASES["grey"], lambda f: [grey_icc, *f]), right)


# PNG


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows(samples, depth):
    """Packed scanlines, each after filter type 0. `samples` (height, width, channels)."""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            packed = flat.astype(">u2").tobytes()
        elif depth == 8:
            packed = flat.astype(np.uint8).tobytes()
        else:
            bits = ((flat[:, None] >> np.arange(depth)[::-1]) & 1).astype(np.uint8).reshape(-1)
            packed = np.packbits(bits).tobytes()
        yield b"\0" + packed


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, kind, before=(), between=(), after=(), interlaced=False):
    height, width = samples.shape[:2]
    passes = [samples]
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
    body = b"".join(row for part in passes if part.size for row in rows(part, depth))
    data = zlib.compress(body)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(before) + b"".join(between) + \
        chunk(b"IDAT", data[:20]) + chunk(b"IDAT", data[20:]) + b"".join(after) + chunk(b"IEND", b"")


def scaled(values, depth):
    return (values.astype(np.uint32) * (2**depth - 1) + 127) // 255


def eight(samples, depth):
    return np.rint(samples / (2**depth - 1) * 255).astype(np.uint8)


ALPHA = np.linspace(0, 255, W * H).reshape(H, W).round().astype(np.uint8)
KINDS = {}
for depth in (1, 2, 4, 8, 16):
    samples = scaled(RGB[..., :1], depth)
    KINDS[f"grey-{depth}"] = (samples, depth, 0, [], eight(samples, depth)[..., 0])
    # One grey is clear.
    clear = int(samples[3, 4, 0])
    pixels = rgba(eight(samples, depth)[..., 0])
    pixels[samples[..., 0] == clear, 3] = 0
    KINDS[f"grey-{depth}-clear"] = (samples, depth, 0, [chunk(b"tRNS", struct.pack(">H", clear))], pixels)
for depth in (8, 16):
    samples = scaled(RGB, depth)
    KINDS[f"rgb-{depth}"] = (samples, depth, 2, [], eight(samples, depth))
    clear = samples[2, 3]
    pixels = rgba(eight(samples, depth))
    pixels[(samples == clear).all(-1), 3] = 0
    KINDS[f"rgb-{depth}-clear"] = (samples, depth, 2, [chunk(b"tRNS", struct.pack(">3H", *map(int, clear)))], pixels)
    with_alpha = scaled(np.dstack([RGB, ALPHA]), depth)
    KINDS[f"rgba-{depth}"] = (with_alpha, depth, 6, [], eight(with_alpha, depth))
    grey_alpha = scaled(np.dstack([RGB[..., 0], ALPHA]), depth)
    pixels = eight(grey_alpha, depth)
    KINDS[f"grey-alpha-{depth}"] = (grey_alpha, depth, 4, [], np.dstack([pixels[..., :1]] * 3 + [pixels[..., 1:]]))
for depth in (1, 2, 4, 8):
    count = min(2**depth, 200)
    palette = RGB.reshape(-1, 3)[:: max(1, W * H // count)][:count]
    indices = (np.arange(W * H).reshape(H, W, 1) * 7) % len(palette)
    table = chunk(b"PLTE", palette.tobytes())
    KINDS[f"palette-{depth}"] = (indices, depth, 3, [table], palette[indices[..., 0]])
    clear = [chunk(b"tRNS", bytes([0, 128][:len(palette)]))]
    alpha = np.full(len(palette), 255)
    alpha[:2] = [0, 128][:len(palette)]
    pixels = np.dstack([palette[indices[..., 0]], alpha[indices[..., 0]]])
    KINDS[f"palette-{depth}-clear"] = (indices, depth, 3, [table, *clear], pixels)

for name, (samples, depth, kind, between, pixels) in KINDS.items():
    add(f"png/{name}", png(samples, depth, kind, between=between), pixels)
    add(f"png/{name}/interlaced", png(samples, depth, kind, between=between, interlaced=True), pixels)
    early, late = chunk(b"eXIf", tiff(6)), chunk(b"eXIf", tiff(8, "<", at=20))
    add(f"png/{name}/exif-6", png(samples, depth, kind, before=[early], between=between), pixels, 6)
    add(f"png/{name}/exif-8-after", png(samples, depth, kind, between=between, after=[late]), pixels, 8)

for name, profile in {**PROFILES, "cut": ADOBE_RGB[:200]}.items():
    data = chunk(b"iCCP", b"test\0\0" + zlib.compress(profile))
    right = RGB if name == "cut" else np.array(converted(image, profile))
    add(f"png/icc-{name}", png(RGB, 8, 2, before=[data]), right)
    pixels = np.dstack([right, ALPHA])
    add(f"png/icc-{name}-alpha", png(np.dstack([RGB, ALPHA]), 8, 6, before=[data]), pixels)
data = chunk(b"iCCP", b"test\0\0" + zlib.compress(GREY))
right = np.array(converted(Image.fromarray(RGB[..., 0]), GREY))
add("png/icc-grey", png(RGB[..., :1], 8, 0, before=[data]), right)

control = chunk(b"acTL", struct.pack(">II", 1, 0))
first = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, W, H, 0, 0, 1, 10, 0, 0))
other = zlib.compress(b"".join(rows(255 - RGB.astype(np.uint32), 8)))
frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, W, H, 0, 0, 1, 10, 0, 0)) + \
    chunk(b"fdAT", struct.pack(">I", 1) + other)
add("png/apng", png(RGB, 8, 2, before=[control, first]), RGB)
add("png/apng-default-apart", png(RGB, 8, 2, before=[control], after=[frame]), RGB)
add("png/apng-no-frame", png(RGB, 8, 2, before=[control]), RGB)
add("png/unknown-chunk", png(RGB, 8, 2, before=[chunk(b"prVt", b"?")]), RGB)
add("png/bytes-after-end", png(RGB, 8, 2) + b"after the end", RGB)


# GIF


def gif(**options):
    out = io.BytesIO()
    indexed = image.quantize(64, dither=Image.Dither.NONE)
    indexed.save(out, "GIF", **options)
    return out.getvalue()


for name, options in {
    "plain": {}, "interlaced": {"interlace": 1}, "straight": {"interlace": 0}, "clear": {"transparency": 5}
}.items():
    data = gif(**options)
    add(f"gif/{name}", data, np.array(Image.open(io.BytesIO(data)).convert("RGBA")))
    screen = data[:6] + bytes(4) + data[10:]
    add(f"gif/{name}-screen-0", screen, np.array(Image.open(io.BytesIO(data)).convert("RGBA")))

# Files rebuilt from reports to other projects, of the kinds above.

REPORTS = {
    "exif6-ifdoffset.jpg": 6, "exif6-ifdoffset-be.jpg": 6, "exif-truncated.jpg": 1, "exif-cut08.jpg": 1,
    "sof-first.jpg": 1, "garbage-between.jpg": 1, "jfif-adobe0-ycc.jpg": 1, "cmyk-noadobe.jpg": 1,
    "png-exif6.png": 6, "png-exif6-end.png": 6, "adobergb.jpg": 1, "grb.jpg": 1,
    "clear-strawberry.png": 1, "white-on-clear.png": 1,
}
for name, orientation in REPORTS.items():
    data = (OUT.parent / "reports" / name).read_bytes()
    shown = Image.open(io.BytesIO(data))
    profile = shown.info.get("icc_profile")
    clear = "A" in shown.mode or "transparency" in shown.info
    pixels = converted(shown, profile) if profile else shown.convert("RGBA" if clear else "RGB")
    right = upright(rgba(np.array(pixels)), orientation)
    tensors[f"reports/{name}.right"] = np.ascontiguousarray(right)

save_file(tensors, OUT)
print(f"{len(tensors)} tensors, {OUT.stat().st_size} bytes")
