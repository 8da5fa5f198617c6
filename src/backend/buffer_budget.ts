import { UserError } from "../errors.ts";

const MIB = 2 ** 20;

/** Sizes that are tried in turn, in bytes. */
const TRIED = [64 * MIB, 128 * MIB, 256 * MIB];
/** Where 64 MiB are refused, smaller sizes are tried down to this one. */
const SMALLEST = MIB;

/** `GPUBufferUsage`: STORAGE, COPY_SRC and COPY_DST, as tensors have it. */
const USAGE = 0x80 | 0x4 | 0x8;

/** Sizes of the buffers that a device gives, in bytes. */
export interface BufferBudget {
  /** The largest that it gave or, if it refused none, the most that its limits allow. */
  readonly largest: number;
  /** The smallest that it refused, although its limits allow it. */
  readonly refused: number | undefined;
}

/**
 * Finds out which buffers a device gives: it tries to create one of 64, 128 and 256 MiB. wgpu refuses a
 * buffer when *any* heap of the card's memory would pass 97 % of its budget, and without full
 * Resizable BAR one of the heaps is a window of 256 MiB or less.
 *
 * @param allowed The most that the device's limits allow, in bytes.
 */
export async function tryBuffers(
  device: Pick<GPUDevice, "createBuffer" | "pushErrorScope" | "popErrorScope">,
  allowed: number,
): Promise<BufferBudget> {
  let given = 0;
  for (const size of TRIED.filter((size) => size <= allowed)) {
    if (await gives(device, size)) {
      given = size;
      continue;
    }
    for (let less = size / 2; given === 0 && less >= SMALLEST; less /= 2) {
      if (await gives(device, less)) given = less;
    }
    return { largest: given || SMALLEST, refused: size };
  }
  return { largest: allowed, refused: undefined };
}

/** Tries to create a buffer of this size. @returns Whether the device did. */
async function gives(
  device: Pick<GPUDevice, "createBuffer" | "pushErrorScope" | "popErrorScope">,
  size: number,
): Promise<boolean> {
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const buffer = device.createBuffer({ label: "trial", size, usage: USAGE });
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  buffer.destroy();
  return errors.every((error) => error === null);
}

/** Advice for users whose driver refuses buffers. */
export const BUDGET_HINT = "enable Resizable BAR in the machine's firmware; " +
  'on Windows set DENO_WEBGPU_BACKEND=dx12; or use `device: "cpu"`';

/** Ways to need less of a GPU's memory. */
export const SAVING =
  'use `recompute: "most"`, fewer prompts at once, a float16 model or `device: "cpu"`';

/** The reason why a driver refuses buffers of this size, in words. */
export function budgetReason(refused: number): string {
  return `the GPU's driver refuses buffers of ${refused / MIB} MiB: its memory budget counts the ` +
    "small window of a card without full Resizable BAR (denoland/deno#35195), " +
    "or other programs hold the card's memory";
}

/** The warning about a driver that refused a buffer which the model does not need. */
export function budgetWarning({ refused }: { readonly refused?: number | undefined }) {
  if (refused === undefined) return undefined;
  const reason = budgetReason(refused);
  return `${reason[0].toUpperCase()}${reason.slice(1)}; if memory runs out, ${BUDGET_HINT}`;
}

/** The error for a buffer that the model needs and the driver refused. */
export function budgetError(refused: number | undefined, options?: ErrorOptions): UserError {
  return refused === undefined
    ? new UserError("The GPU has not enough memory", SAVING, options)
    : new UserError(
      `The GPU has not enough memory: ${budgetReason(refused)}`,
      `${BUDGET_HINT}; or ${SAVING}`,
      options,
    );
}
