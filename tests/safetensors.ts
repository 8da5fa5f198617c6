/**
 * A reader of safetensors files, for the fixtures of the tests.
 *
 * The format: the header's length (uint64), the header (JSON: name → dtype, shape, byte range), the
 * bytes.
 *
 * @module
 */

/** A tensor of a safetensors file. */
export interface FixtureTensor {
  readonly dtype: "F32" | "I32" | "I64";
  readonly shape: number[];
  /** Row-major values; int64 ones are narrowed to int32. */
  readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, FixtureTensor>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Reads a safetensors file whole. @throws {Error} A tensor is neither float32 nor an integer. */
export function readSafetensors(path: string | URL): Safetensors {
  const { buffer } = Deno.readFileSync(path);
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = Object.entries(entries as Record<string, Entry>).map(
    ([name, { dtype, shape, data_offsets: [from, to] }]) => {
      const bytes = buffer.slice(start + from, start + to);
      return [name, { dtype, shape, data: decode(dtype, bytes) }];
    },
  );
  return { metadata, tensors: Object.fromEntries(tensors) };
}

function decode(dtype: string, bytes: ArrayBuffer): FixtureTensor["data"] {
  switch (dtype) {
    case "F32":
      return new Float32Array(bytes);
    case "I32":
      return new Int32Array(bytes);
    case "I64":
      return Int32Array.from(new BigInt64Array(bytes), Number);
    default:
      throw new Error(`Cannot read a tensor of type ${dtype}`);
  }
}
