/**
 * The table of lowerings, keyed by operator.
 *
 * @module
 */
import type { LoweringTable } from "./lowering.ts";
import { attention } from "./lowerings/attention.ts";
import { normalise } from "./lowerings/normalise.ts";

/** Lowerings by operator of the default domain. */
export const LOWERINGS: LoweringTable = { ...normalise, ...attention };
