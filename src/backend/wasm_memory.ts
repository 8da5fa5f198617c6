/** All that 32 bits address, less a page: the whole 4 GiB is one byte more than they count. */
const WHOLE = 65535;
/** The limit that ONNX Runtime's shared memory has. */
const MAXIMUM = 65536;

/**
 * Does work during which shared memory of up to 4 GiB, as ONNX Runtime asks for it, is made as large
 * at once as the machine allows, so that it never has to grow. Where Deno has no trap handler, V8
 * tells other threads of memory that has grown only when they next look for interrupts; a thread
 * that is woken with a pointer into the new part before that ends with "memory access out of bounds",
 * and ONNX Runtime waits for it for ever. Pages that nobody touches cost address space only.
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

/** The largest memory to be had, at least what is wanted. */
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
