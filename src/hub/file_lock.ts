import { dirname } from "node:path";
import { fileError } from "../files/file_error.ts";
import type { Clock } from "./retry.ts";

/** Options of {@link lockFile}. */
export interface LockOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Is told once if another process has the lock. */
  readonly onWait?: (() => void) | undefined;
}

/** Milliseconds between two attempts. */
const POLL = 200;

/**
 * Takes the operating system's lock on a file, which it makes if needed, and waits while another
 * process has the lock. A process that dies loses its locks at once, so no lock is ever stale.
 * Hugging Face's Python library takes the same lock (`flock`) on the same files.
 *
 * @returns The lock; dispose of it to release it. The file stays for others who wait.
 * @throws {UserError} The file cannot be made or locked.
 */
export async function lockFile(
  path: string,
  { clock, signal, onWait }: LockOptions,
): Promise<Disposable> {
  for (let told = false;;) {
    const lock = await tryLockFile(path);
    if (lock) return lock;
    if (!told) onWait?.();
    told = true;
    await clock.sleep(POLL, signal);
  }
}

/** Takes the lock as {@link lockFile} does, or gives nothing if another process has it. */
export async function tryLockFile(path: string): Promise<Disposable | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    file = await Deno.open(path, { create: true, write: true });
    if (await file.tryLock(true)) return file;
    file.close();
    return undefined;
  } catch (cause) {
    file?.close();
    throw fileError(`Cannot lock "${path}"`, cause, "give another HF_HUB_CACHE");
  }
}
