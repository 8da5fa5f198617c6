/** The world outside as a command may touch it: streams, the clock and interruption. */
export interface Io {
  /** Writes to standard output. */
  writeOut(text: string): void;
  /** Writes to standard error. */
  writeError(text: string): void;
  /** Prints one line about a mistake, with what to do about it. */
  error(message: string, hint?: string): void;
  /** Prints one line about something the user may want to know. */
  warn(message: string): void;
  /** Whether standard error is a terminal that can show progress. */
  readonly interactive: boolean;
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Looks up an environment variable. */
  env(name: string): string | undefined;
  /** Folder for downloaded files. */
  readonly cacheFolder: string;
  /**
   * Calls `stop` at the first Ctrl-C or SIGTERM; at the second calls `discard`, which must not wait
   * for anything, and quits. Returns an undo.
   */
  onInterrupt(stop: () => void, discard: () => void): Disposable;
}

/**
 * Exit codes of the command line: done; a bug; a mistake in what was given; it ran, but there is no
 * mask to trust; interrupted.
 */
export const EXIT = { ok: 0, bug: 1, user: 2, noMask: 4, interrupted: 130 } as const;
