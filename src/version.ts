import config from "../deno.json" with { type: "json" };

/**
 * Peekaboo's version, as in `deno.json`.
 *
 * @example
 * ```ts
 * import { VERSION } from "../mod.ts";
 *
 * console.assert(/^\d+\.\d+\.\d+/.test(VERSION));
 * ```
 */
export const VERSION: string = config.version;
