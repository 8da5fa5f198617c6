/** Exit codes of the command line. */
export const EXIT = { ok: 0, bug: 1, user: 2, interrupted: 130 } as const;
