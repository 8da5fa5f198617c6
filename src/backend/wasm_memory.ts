/** The pages that 32 bits address, less one: a length of 4 GiB would not fit in 32 bits. */
const WHOLE = 65535;
/** The limit of ONNX Runtime's shared memory, in pages. */
const MAXIMUM = 65536;

/**
 * Does work during which ONNX Runtime's shared memory of up to 4 GiB has its full size from the start,
 * or the largest that the machine allows, so that it never grows.
 *
 * Where Deno has no trap handler, a thread learns that memory grew only when V8 next lets it check for
 * interrupts. A thread that is handed a pointer into the new part before that ends with "memory access
 * out of bounds", and ONNX Runtime waits for it for ever. Untouched pages cost address space only.
 */
export async function withWholeMemory<T>(work: () => Promise<T>): Promise<T> {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = new Proxy(Memory, {
    construct: (_, [wanted]: [WebAssembly.MemoryDescriptor]) =>
      wanted.shared && wanted.maximum === MAXIMUM ? largest(Memory, wanted) : new Memory(wanted),
  });
  try {
    return await work();
  } finally {
    WebAssembly.Memory = Memory;
  }
}

/** The largest memory that the machine allows, at least as large as wanted. */
function largest(
  Memory: typeof WebAssembly.Memory,
  wanted: WebAssembly.MemoryDescriptor,
): WebAssembly.Memory {
  for (let initial = WHOLE; initial > wanted.initial; initial >>= 1) {
    try {
      return new Memory({ ...wanted, initial });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return new Memory(wanted);
}
