/** Pixels that an ICC profile describes: interleaved, 8 bits per channel. */
export interface DevicePixels {
  readonly space: "grey" | "rgb" | "cmyk";
  /** 255 is light for grey and RGB, full ink for CMYK. */
  readonly data: Uint8Array;
}

/** Names of colour spaces in a profile's header. */
const SPACES = { grey: "GRAY", rgb: "RGB", cmyk: "CMYK" } as const;
const CHANNELS = { grey: 1, rgb: 3, cmyk: 4 } as const;

/** Bytes of a profile's header, and `acsp`, the signature in it (ICC.1, section 7.2). */
const HEADER = 128;
const ACSP = 0x61637370;

/** Pixels converted at a time: the engine holds some copies of them. */
const PART = 2 ** 20;

/**
 * Converts pixels from an ICC profile's colour space to sRGB, with the relative colorimetric intent.
 * Pixels of a profile that means sRGB stay as they are, byte for byte.
 *
 * @param profile The profile's bytes; they may be anything.
 * @returns RGB, 8 bits per channel; `undefined` if the profile is damaged or of another colour space.
 */
export async function toSrgb(
  { space, data }: DevicePixels,
  profile: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (!isWhole(profile)) return undefined;
  const engine = await load();
  const source = new engine.Profile();
  const convert = transform(engine, source, profile, space);
  if (!convert) return undefined;
  if (space === "rgb" && meansSrgb(convert)) return data;

  const channels = CHANNELS[space];
  const rgb = new Uint8Array(data.length / channels * 3);
  for (let from = 0; from < data.length; from += channels * PART) {
    rgb.set(convert(data.subarray(from, from + channels * PART)), from / channels * 3);
  }
  return rgb;
}

/** Whether a profile has the size its header says, the file signature, and all of its tags. */
function isWhole(profile: Uint8Array): boolean {
  if (profile.length < HEADER + 4) return false;
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  if (view.getUint32(0) > profile.length || view.getUint32(36) !== ACSP) return false;
  const tags = view.getUint32(HEADER);
  if (HEADER + 4 + 12 * tags > profile.length) return false;
  return Array.from({ length: tags }, (_, k) => HEADER + 4 + 12 * k)
    .every((at) => view.getUint32(at + 4) + view.getUint32(at + 8) <= profile.length);
}

type Convert = (pixels: Uint8Array) => ArrayLike<number>;

function transform(
  { Transform, eIntent }: ColourEngine,
  source: Profile,
  profile: Uint8Array,
  space: DevicePixels["space"],
): Convert | undefined {
  // Whatever the engine throws on, the profile is to blame.
  try {
    quietly(() => source.loadBinary(profile));
    if (!source.loaded || source.colorSpace !== SPACES[space]) return undefined;
    // Tables of the whole conversion would cost accuracy where colours are clipped.
    const chain = new Transform({ buildLut: false, dataFormat: "int8", BPC: false });
    chain.create(source, "*srgb", eIntent.relative);
    const convert: Convert = (pixels) => chain.array(pixels, false, false, false);
    convert(new Uint8Array(CHANNELS[space]));
    return convert;
  } catch {
    return undefined;
  }
}

/** Runs a function of the engine, which warns on the console of each tag that it does not know. */
function quietly(run: () => void) {
  const { warn } = console;
  console.warn = () => {};
  try {
    run();
  } finally {
    console.warn = warn;
  }
}

/** Whether colours all over the cube stay where they are, but for rounding. */
function meansSrgb(convert: Convert): boolean {
  const steps = [0, 32, 64, 96, 128, 160, 192, 224, 255];
  const cube = Uint8Array.from(
    steps.flatMap((r) => steps.flatMap((g) => steps.flatMap((b) => [r, g, b]))),
  );
  const converted = convert(cube);
  return cube.every((value, i) => Math.abs(value - converted[i]) <= 1);
}

interface Profile {
  loadBinary(bytes: Uint8Array): void;
  readonly loaded: boolean;
  readonly colorSpace: string;
}

interface ColourEngine {
  readonly Profile: new () => Profile;
  readonly Transform: new (options: { buildLut: boolean; dataFormat: "int8"; BPC: boolean }) => {
    create(from: Profile, to: "*srgb", intent: number): void;
    array(
      pixels: Uint8Array,
      inputHasAlpha: boolean,
      outputHasAlpha: boolean,
      preserveAlpha: boolean,
    ): ArrayLike<number>;
  };
  readonly eIntent: { readonly relative: number };
}

/** The package has no types. */
async function load(): Promise<ColourEngine> {
  const module: { default: ColourEngine } = await import("npm:jscolorengine@1.6.1");
  return module.default;
}
