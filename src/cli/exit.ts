/**
 * Exit codes of the command line: done; a bug; a mistake in what was given; it ran, but there is no
 * mask to trust; interrupted.
 */
export const EXIT = { ok: 0, bug: 1, user: 2, noMask: 4, interrupted: 130 } as const;
