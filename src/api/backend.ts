/**
 * The devices that compute, with one interface: tensors, kernels and ONNX sessions on `webgpu` or `cpu`.
 *
 * @module
 */
export { type Device, DEVICES, openBackend, type OpenBackendOptions } from "../backend/select.ts";
export type { CpuBackendOptions } from "../backend/cpu.ts";
export type {
  Backend,
  DType,
  ExternalData,
  HostArray,
  HostTensor,
  MemoryLimits,
  Session,
  SessionOptions,
  Tensor,
  TensorInfo,
} from "../backend/backend.ts";
export type { ByteSource } from "../files/byte_source.ts";
