/** The use of a GPU's memory, in bytes. */
export interface BufferUsage {
  /** The largest buffer created, those left out that are only tried. */
  readonly largest: number;
  /** The label of the largest, or its usage flags where it has none. */
  readonly largestLabel: string;
  /** The most that buffers took at once. */
  readonly peak: number;
  /** Bytes of the live buffers. */
  readonly live: number;
  /** The sizes of the buffers that were refused, in order. */
  readonly refused: readonly number[];
}

/** An adapter whose devices count their buffers and refuse large ones. */
export interface LimitedAdapter {
  /** Gives the devices. */
  readonly adapter: GPUAdapter;
  /** Of the devices given so far, together. */
  readonly usage: BufferUsage;
}

/**
 * An adapter whose devices refuse buffers above `largest` bytes, as wgpu does where the driver's
 * memory budget is spent: `createBuffer` returns an invalid buffer, and an out-of-memory error goes
 * to the innermost scope for such errors or, without one, to `uncapturederror`. It also counts what
 * is asked for. A buffer that is collected without having been destroyed counts as freed.
 */
export function limitedAdapter(adapter: GPUAdapter, largest = Infinity): LimitedAdapter {
  const usage = { largest: 0, largestLabel: "", peak: 0, live: 0, refused: [] as number[] };
  const { limits, features, info } = adapter;
  const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
    const device = await adapter.requestDevice(descriptor);
    limit(device, largest, usage);
    return device;
  };
  // The adapter must live as long as its devices.
  const limited = { limits, features, info, requestDevice, whole: adapter };
  return { adapter: limited as unknown as GPUAdapter, usage };
}

/** An error scope; ours hold errors that the device itself knows nothing of. */
interface Scope {
  readonly filter: GPUErrorFilter;
  error: GPUError | null;
}

/** Writable {@link BufferUsage}. */
type Counts = { -readonly [K in keyof BufferUsage]: BufferUsage[K] } & { refused: number[] };

/** Replaces the methods of a device that make buffers and tell of errors. */
function limit(device: GPUDevice, largest: number, usage: Counts) {
  const scopes: Scope[] = [];
  const createBuffer = device.createBuffer.bind(device);
  const pushErrorScope = device.pushErrorScope.bind(device);
  const popErrorScope = device.popErrorScope.bind(device);
  const collected = new FinalizationRegistry<number>((size) => usage.live -= size);

  const refuse = (descriptor: GPUBufferDescriptor): GPUBuffer => {
    usage.refused.push(descriptor.size);
    const error = new GPUOutOfMemoryError(`Not enough memory left for ${descriptor.size} bytes`);
    const scope = scopes.findLast(({ filter }) => filter === "out-of-memory");
    if (scope) scope.error ??= error;
    else {
      queueMicrotask(() =>
        device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error }))
      );
    }
    // A buffer without a usage is invalid too; that error is ours, and nobody hears of it.
    pushErrorScope("validation");
    const invalid = createBuffer({ ...descriptor, size: 16, usage: 0, mappedAtCreation: false });
    void popErrorScope();
    return invalid;
  };

  device.createBuffer = (descriptor) => {
    const { size, label, usage: flags } = descriptor;
    if (size > largest) return refuse(descriptor);
    const buffer = createBuffer(descriptor);
    if (label === "trial") return buffer;
    if (size > usage.largest) {
      usage.largest = size;
      usage.largestLabel = label || `usage ${flags}`;
    }
    usage.live += size;
    usage.peak = Math.max(usage.peak, usage.live);
    collected.register(buffer, size, buffer);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      if (collected.unregister(buffer)) usage.live -= size;
      destroy();
    };
    return buffer;
  };
  device.pushErrorScope = (filter) => {
    scopes.push({ filter, error: null });
    pushErrorScope(filter);
  };
  device.popErrorScope = async () => {
    const scope = scopes.pop();
    return await popErrorScope() ?? scope?.error ?? null;
  };
}
