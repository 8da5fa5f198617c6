/** The scalar types a uniform can have in WGSL. */
export type UniformType = "f32" | "u32";

/** How a kernel uses a storage buffer. */
export type Access = "read" | "read_write";

/**
 * A *kernel*: one WGSL entry point and, beside it, the same computation in plain TypeScript (its
 * *twin*). It is a data record; a {@link Backend} runs either half.
 *
 * WGSL side: binding 0 is `var<uniform> u: Uniforms`, a struct of 4-byte scalars in the order of
 * {@link Kernel.uniforms}; bindings 1… are storage arrays in the order of {@link Kernel.bindings}.
 * Kernels are one-dimensional: `invocations` threads in workgroups of 64, folded into rows of
 * workgroups when there are more than one dimension holds, so the thread's number is
 * `id.x + id.y * groups.x * 64`.
 *
 * @typeParam B Names of the storage buffers.
 * @typeParam U Names of the uniforms.
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const double: kernels.Kernel<"x" | "y", "count"> = {
 *   name: "double",
 *   wgsl: `struct Uniforms { count: u32 }
 *     @group(0) @binding(0) var<uniform> u: Uniforms;
 *     @group(0) @binding(1) var<storage, read> x: array<f32>;
 *     @group(0) @binding(2) var<storage, read_write> y: array<f32>;
 *     @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
 *       if (id.x < u.count) { y[id.x] = 2.0 * x[id.x]; }
 *     }`,
 *   bindings: { x: "read", y: "read_write" },
 *   uniforms: { count: "u32" },
 *   invocations: (u) => u.count,
 *   twin: ({ x, y }, u) => {
 *     for (let i = 0; i < u.count; i++) y[i] = 2 * x[i];
 *   },
 * };
 * const y = new Float32Array(2);
 * double.twin({ x: new Float32Array([1, 2]), y }, { count: 2 });
 * console.assert(y[1] === 4);
 * ```
 */
export interface Kernel<B extends string = string, U extends string = string> {
  /** Unique name, also the label in GPU error messages. */
  readonly name: string;
  /** WGSL source. */
  readonly wgsl: string;
  /** WGSL function to run; the default is `main`. */
  readonly entryPoint?: string;
  /** Storage buffers of 32-bit floats, in binding order. */
  readonly bindings: Readonly<Record<B, Access>>;
  /** Scalars, in the order of the WGSL struct. */
  readonly uniforms: Readonly<Record<U, UniformType>>;
  /** Number of threads for these uniforms. */
  invocations(uniforms: Readonly<Record<U, number>>): number;
  /** The same computation on the CPU. */
  twin(buffers: Readonly<Record<B, Float32Array>>, uniforms: Readonly<Record<U, number>>): void;
}

/**
 * Checks that a call gives every uniform, which a cast may have hidden from the types. A missing one
 * would be 0 or NaN on the GPU, and `undefined` in a twin.
 *
 * @throws {Error} A uniform is missing; the message names it and the kernel.
 */
export function checkUniforms(
  { name, uniforms }: Pick<Kernel, "name" | "uniforms">,
  values: Readonly<Record<string, number | undefined>>,
): void {
  for (const uniform in uniforms) {
    if (typeof values[uniform] === "number") continue;
    throw new Error(`Kernel ${name} lacks its uniform ${uniform}: it is ${values[uniform]}`);
  }
}

/** Threads in a workgroup, the same in every shader. */
export const WORKGROUP_SIZE = 64;

/** WebGPU's guaranteed `maxComputeWorkgroupsPerDimension`. */
const MAX_WORKGROUPS = 65535;

/** Workgroups in x and y that hold `invocations` threads. */
export function workgroups(invocations: number): [x: number, y: number] {
  const groups = Math.max(1, Math.ceil(invocations / WORKGROUP_SIZE));
  const y = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / y), y];
}
