import type { ByteSource } from "../files/byte_source.ts";
import type { Kernel } from "./kernel.ts";

/** Element types of tensors that live on a device or go in and out of ONNX graphs. */
export type DType =
  | "float32"
  | "float16"
  | "int64"
  | "int32"
  | "uint32"
  | "uint8"
  | "int8"
  | "bool";

/** Host memory holding a tensor's elements, row-major. */
export type HostArray =
  | Float32Array
  | Float16Array
  | BigInt64Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Int8Array;

/** A tensor in the memory of a {@link Backend}. Whoever creates it disposes of it. */
export interface Tensor extends Disposable {
  /** Sizes of the dimensions; row-major. */
  readonly shape: readonly number[];
  /** Type of the elements. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
}

/** Small integer input (token ids, timesteps), handed to a session from host memory. */
export interface HostTensor {
  /** The elements, row-major. */
  readonly data: HostArray;
  /** Sizes of the dimensions; none for a scalar. */
  readonly shape: readonly number[];
  /** Type of the elements. */
  readonly dtype: DType;
}

/** An input or output of an ONNX graph; a free dimension is a string. */
export interface TensorInfo {
  /** Its name in the graph. */
  readonly name: string;
  /** Type of the elements. */
  readonly dtype: DType;
  /** Sizes of the dimensions, or the names of free ones. */
  readonly shape: readonly (number | string)[];
}

/** A loaded ONNX model. */
export interface Session extends Disposable {
  /** The inputs that {@link run} must be fed. */
  readonly inputs: readonly TensorInfo[];
  /** The outputs that it can compute. */
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the graph. Every tensor stays on the device; `fetches` names the tensors that receive the
   * outputs, and only those outputs are computed. Does not wait for the GPU.
   */
  run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ): Promise<void>;
}

/** Weights beside an ONNX model. */
export interface ExternalData {
  /** The `external_data.location` by which the graph knows them. */
  readonly path: string;
  /** Their bytes. */
  readonly data: ByteSource;
}

/** Options of {@link Backend.load}. */
export interface SessionOptions {
  /** Values of the graph's free dimensions, by their name in the graph (e.g. `batch`). */
  readonly freeDimensions?: Readonly<Record<string, number>> | undefined;
  /** Sidecar weights, read tensor by tensor, one tensor in memory at a time. */
  readonly externalData?: readonly ExternalData[] | undefined;
}

/** The memory of a device, in bytes. */
export interface MemoryLimits {
  /** The largest tensor. */
  readonly tensor: number;
  /** All tensors and weights together; undefined if the device does not tell. */
  readonly total: number | undefined;
  /** The smallest buffer that the driver refused, although the device's limits allow it. */
  readonly refused?: number | undefined;
}

/** The facts about a device that decide how a graph is prepared for it. */
export type DeviceFacts = Pick<Backend, "device" | "float16" | "limits">;

/**
 * One device that computes: `webgpu` (WGSL kernels, onnxruntime-web's native WebGPU provider, all
 * tensors in GPU buffers) or `cpu` (the kernels' TypeScript twins, onnxruntime-web's WASM).
 *
 * @example
 * ```ts
 * import { backend } from "../../mod.ts";
 *
 * await using device = await backend.openBackend("cpu");
 * using x = device.tensor([2, 2], new Float32Array([1, 2, 3, 4]));
 * console.assert((await device.read(x))[3] === 4);
 * console.assert(device.liveTensors === 1);
 * ```
 */
export interface Backend extends AsyncDisposable {
  /** Its kind. */
  readonly device: "webgpu" | "cpu";
  /** The adapter's description, or the number of threads. */
  readonly description: string;
  /** Whether it computes graphs in float16; every backend computes in float32. */
  readonly float16: boolean;
  /** The bytes that fit on it. */
  readonly limits: MemoryLimits;
  /** Tensors created and not yet disposed of. */
  readonly liveTensors: number;
  /** Sessions created and not yet disposed of. */
  readonly liveSessions: number;
  /** A new tensor, zero unless `data` is given (its length must fit `shape`). */
  tensor(shape: readonly number[], data?: HostArray, dtype?: DType): Tensor;
  /** Overwrites all of a tensor's elements; `data` must have as many, of the same type. */
  write(tensor: Tensor, data: HostArray): void;
  /** Copies float32 elements to the host; waits for all queued work. Rejects other types. */
  read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>>;
  /** Queues a kernel. Allocates nothing once the same kernel has run on the same tensors. */
  dispatch<B extends string, U extends string>(
    kernel: Kernel<B, U>,
    tensors: Readonly<Record<B, Tensor>>,
    uniforms: Readonly<Record<U, number>>,
  ): void;
  /** Waits until all queued work is done. */
  idle(): Promise<void>;
  /** Loads an ONNX model. */
  load(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}

/** Number of elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return { float32: 4, int32: 4, uint32: 4, float16: 2, int64: 8, uint8: 1, int8: 1, bool: 1 }[
    dtype
  ];
}

const CONSTRUCTORS = {
  float32: Float32Array,
  float16: Float16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

/** A host array of `size` elements of `dtype`: a copy of `data`, or zeros. */
export function hostArray(dtype: DType, size: number, data?: HostArray): HostArray {
  const array = new CONSTRUCTORS[dtype](size);
  if (!data) return array;
  if (data.length !== size || data.constructor !== array.constructor) {
    throw new Error(
      `Wanted ${size} elements of ${dtype}, given ${data.length} in a ${data.constructor.name}`,
    );
  }
  (array as Float32Array).set(data as Float32Array);
  return array;
}
