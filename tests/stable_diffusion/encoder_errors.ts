import type { Backend } from "../../src/backend/backend.ts";
import { Encoder, type EncoderSessions } from "../../src/diffusion/encoder.ts";
import { type EncoderGolden, sampledError } from "./golden.ts";

/** Relative errors of a stand-in's encoder against PyTorch's. */
export interface EncoderErrors {
  /** Of z = s·(mean + std·noise). */
  readonly latents: number;
  /** Of x̄ = Jᵀ z̄. */
  readonly cotangent: number;
}

/** Runs a stand-in's encoder and its adjoint, and compares both with the reference. */
export async function encoderErrors(
  backend: Backend,
  sessions: EncoderSessions,
  golden: EncoderGolden,
): Promise<EncoderErrors> {
  using encoder = new Encoder(backend, sessions);
  using image = backend.tensor([1, 3, golden.side, golden.side], golden.image);
  using latentCotangent = backend.tensor(encoder.latents.shape, golden.latentCotangent);
  if (!encoder.posteriorNoise) throw new Error("The encoder was loaded without its noise");
  backend.write(encoder.posteriorNoise, golden.noise);
  await encoder.forward(image);
  await encoder.adjoint(latentCotangent);
  return {
    latents: sampledError(await backend.read(encoder.latents), golden.latents),
    cotangent: sampledError(await backend.read(encoder.imageCotangent), golden.cotangent),
  };
}
