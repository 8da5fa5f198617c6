/** A frame of an animated GIF, read by another library than the one that writes them. */
export interface GifFrame {
  readonly width: number;
  readonly height: number;
  /** Duration in hundredths of a second. */
  readonly delay: number;
  /** RGBA. */
  readonly buffer: Uint8Array;
}

interface Codec {
  Decoder: new (bytes: Uint8Array) => { frame(): GifFrame | null };
}

/** All frames of an animated GIF. */
export async function gifFrames(bytes: Uint8Array): Promise<GifFrame[]> {
  const { default: codec } = await import("npm:imagescript@1.3.1/wasm/node/gif.js");
  const { Decoder } = await (codec as unknown as { init(): Promise<Codec> }).init();
  const decoder = new Decoder(bytes);
  const frames: GifFrame[] = [];
  for (let frame = decoder.frame(); frame; frame = decoder.frame()) frames.push(frame);
  return frames;
}
