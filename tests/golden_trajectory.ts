/**
 * Golden trajectories: the tensors of a float64 reference, iteration by iteration, and comparisons
 * with them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Backend, Tensor } from "../src/backend/backend.ts";
import type { Draws } from "../src/diffusion/draws.ts";
import { ScoreDistillation } from "../src/diffusion/score_distillation.ts";
import type { Parameter } from "../src/parametrization/parametrization.ts";
import type { Loss } from "../src/step.ts";
import { type FixtureTensor, readSafetensors } from "./safetensors.ts";
import { assertClose, assertRelativelyClose } from "./vectors.ts";

/** Largest difference of α, by device. */
const TOLERANCE = { cpu: 1e-4, webgpu: 1e-3 };

/**
 * The same after Adam, whose first steps have a gradient's sign: where the gradient is nearly 0, the
 * loss of 32 bits is a whole step.
 */
const ADAM_TOLERANCE = 1e-3;

/**
 * Largest error of a cotangent in the norm, as a part of its own norm. Guidance multiplies the errors
 * of the U-Net in float32.
 */
const RELATIVE_TOLERANCE = { cpu: 3e-4, webgpu: 1e-3 };

type Tensors = Readonly<Record<string, FixtureTensor>>;

/** Reads a file of `tests/golden/trajectory`: its prompt, the settings that it changes, its tensors. */
export function readTrajectory(name: string) {
  const url = new URL(`./golden/trajectory/${name}.safetensors`, import.meta.url);
  const { metadata, tensors } = readSafetensors(url);
  return { prompt: metadata.prompt, overrides: JSON.parse(metadata.settings), tensors };
}

/** The reference's draws instead of the generator's. A draw that it does not have is an error. */
export function recorded(backend: Backend, tensors: Tensors): Draws {
  const drawn = (name: string) => tensors[name] ?? assert.fail(`The reference draws no ${name}`);
  return {
    timestep: (i) => drawn("timestep").data[i],
    background: (i) => {
      const [red, green, blue] = row(drawn("background"), i);
      return [red, green, blue];
    },
    noise: (i, tensor) => backend.write(tensor, row(drawn("noise"), i)),
    posterior: () => assert.fail("The reference uses the posterior's mean"),
  };
}

/** The numbers of a tensor. */
export function floats({ data }: FixtureTensor): Float32Array<ArrayBuffer> {
  assert(data instanceof Float32Array);
  return data;
}

/** The numbers of a tensor in iteration `i`, its first axis. */
function row(tensor: FixtureTensor, i: number): Float32Array {
  const size = tensor.data.length / tensor.shape[0];
  return floats(tensor).slice(i * size, (i + 1) * size);
}

/** Compares a run on a backend with the tensors of the reference. */
export function comparisons(backend: Backend, tensors: Tensors, optimizer: "sgd" | "adam") {
  const tolerance = optimizer === "adam" ? ADAM_TOLERANCE : TOLERANCE[backend.device];
  const relative = RELATIVE_TOLERANCE[backend.device];
  const where = (name: string, i: number) => `${name}, ${backend.device}, at ${i}`;

  /** Element by element. */
  const values = async (tensor: Tensor, name: string, i: number, allowed = tolerance) =>
    assertClose(await backend.read(tensor), row(tensors[name], i), allowed, where(name, i));

  /** In the norm: θ̄ itself, and the norm of each tensor of φ̄. */
  const gradients = async (parameters: readonly Parameter[], name: string, i: number) => {
    const cotangents = await Promise.all(
      parameters.map(({ cotangent }) => backend.read(cotangent)),
    );
    const actual = name.endsWith("_norm")
      ? cotangents.map((cotangent) => Math.hypot(...cotangent))
      : cotangents[0];
    assertRelativelyClose(actual, row(tensors[name], i), relative, where(name, i));
  };

  /** z and z̄ of score distillation. */
  const latents = async (loss: Loss, i: number) => {
    assert(loss instanceof ScoreDistillation);
    await values(loss.encoder.latents, "z", i, 10 * tolerance);
    const cotangent = await backend.read(loss.denoiser.latentCotangent);
    assertRelativelyClose(cotangent, row(tensors.z_bar, i), relative, where("z_bar", i));
  };
  return { values, gradients, latents };
}
