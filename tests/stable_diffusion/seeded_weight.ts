import { STREAMS, uniform } from "../../src/backend/random.ts";
import { sizeOf } from "../../src/onnx/value.ts";

/**
 * Uniform random numbers in [0, 1), multiples of 2⁻²⁴, that depend on a name alone: Philox with the
 * key (FNV-1a of the name, stream of weights). `networks.py` draws the same.
 */
export function seededUniform(name: string, count: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(count);
  const seed = fnv1a(name);
  uniform.twin({ result }, { count, seed, stream: STREAMS.weights, counter: 0 });
  return result;
}

/**
 * The weight of a parameter, from its PyTorch name and shape, bit by bit as in `networks.py`. With u
 * the name's uniform numbers,
 *
 *     w = √(3 / fan-in) (2u − 1)    matrices, convolutions, embeddings
 *     w = 1 + (2u − 1) / 10         scales of normalisations
 *     w = (2u − 1) / 10             biases
 */
export function seededWeight(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const result = seededUniform(name, sizeOf(shape));
  if (shape.length > 1) {
    const scale = Math.sqrt(3 / sizeOf(shape.slice(1)));
    for (let i = 0; i < result.length; i++) result[i] = scale * (2 * result[i] - 1);
  } else {
    const middle = name.endsWith("weight") ? 1 : 0;
    for (let i = 0; i < result.length; i++) result[i] = middle + (2 * result[i] - 1) / 10;
  }
  return result;
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
