import { dirname } from "node:path";
import { fileError } from "../files/file_error.ts";
import type { Clock } from "./clock.ts";

/** How to wait for a lock. */
export interface LockOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Told once if another process has the lock. */
  readonly onWait?: () => void;
}

const POLL = 200;

/**
 * Takes the operating system's lock on a file, made if needed, and waits for it if another process
 * has it. A process that dies loses its locks at once, however it dies, so that none is ever stale.
 * It is the lock that Hugging Face's Python library takes (`flock`), on the same files.
 *
 * @returns The lock; dispose of it to release it. The file stays, for whoever waits for it.
 * @throws {UserError} If the file cannot be made or locked.
 *
 * @example
 * ```ts
 * import { SYSTEM_CLOCK } from "./clock.ts";
 * import { lockFile } from "./file_lock.ts";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   using _lock = await lockFile(`${folder}/a.lock`, { clock: SYSTEM_CLOCK });
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
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

/** Takes the lock as {@link lockFile} does, but waits for nobody: nothing if another has it. */
export async function tryLockFile(path: string): Promise<Disposable | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    file = await Deno.open(path, { create: true, write: true });
    if (await file.tryLock(true)) return file;
    file.close();
  } catch (cause) {
    file?.close();
    throw fileError(`Cannot lock "${path}"`, cause, "give another HF_HUB_CACHE");
  }
}
