import type { DType, HostArray } from "./backend.ts";

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
