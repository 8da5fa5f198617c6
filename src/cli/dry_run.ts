import prettyBytes from "npm:pretty-bytes@7.2.0";
import { RECOMPUTE, type Recompute } from "../autodiff/recompute.ts";
import { openBackend } from "../backend/select.ts";
import { estimateMemory, fittingCard, type MemoryEstimate } from "../diffusion/estimate_memory.ts";
import { loadingParts } from "../models/load_model.ts";
import type { ModelFiles } from "../models/open_model.ts";
import type { Precision } from "../models/precision.ts";
import { computesInFloat16 } from "../onnx/float_types.ts";
import type { Io } from "./io.ts";
import { type ModelChoice, openGivenModel } from "./load_model.ts";

/** The memory of one way to run a model. */
export interface DryRunRow extends MemoryEstimate {
  readonly precision: Exclude<Precision, "auto">;
  readonly recompute: Recompute;
  /** The smallest usual graphics card that holds it, in GiB, if there is one. */
  readonly card?: number;
}

/** Estimates the memory of a model's masks for each precision that it has and each `--recompute`. */
export async function memoryRows(
  files: ModelFiles,
  { device, prompts }: { device: ModelChoice["device"]; prompts: number },
): Promise<DryRunRow[]> {
  await using backend = await openBackend(device);
  // A model that computes in float16 is estimated for a GPU that does so too.
  const facts = { device: backend.device, limits: backend.limits, float16: true };
  const half = computesInFloat16((await files.graph("unet")).model);
  const rows: DryRunRow[] = [];
  for (const precision of half ? ["fp16", "fp32"] as const : ["fp32"] as const) {
    for (const recompute of RECOMPUTE) {
      const options = { precision: precision === "fp16" ? "auto" : precision, recompute } as const;
      const parts = await loadingParts(facts, files, options);
      const estimate = await estimateMemory(parts, prompts, files.defaults.posterior);
      const card = fittingCard(estimate);
      rows.push({ precision, recompute, ...estimate, ...(card === undefined ? {} : { card }) });
    }
  }
  return rows;
}

/** One row in words. */
export function memoryWords({ weights, activations, residuals, total, card }: DryRunRow): string {
  const size = (bytes: number) => prettyBytes(bytes, { binary: true });
  return `${size(total)}: weights ${size(weights)}, running ${size(activations)} ` +
    `(residuals ${size(residuals)}); ` +
    (card === undefined ? "fits no usual card" : `fits a card of ${card} GiB`);
}

/** `segment --dry-run`: prints what the run would take, and runs nothing. */
export async function dryRun(
  io: Io,
  choice: ModelChoice & { readonly json?: boolean | undefined },
  prompts: number,
): Promise<void> {
  const files = await openGivenModel(io, choice);
  const rows = await memoryRows(files, { device: choice.device, prompts });
  if (choice.json) {
    io.writeOut(JSON.stringify({ model: files.id, prompts, memory: rows }, null, 2) + "\n");
    return;
  }
  io.writeOut(`${files.id}, ${prompts} ${prompts === 1 ? "prompt" : "prompts"} at once\n`);
  for (const row of rows) {
    io.writeOut(`  ${row.precision} --recompute ${row.recompute.padEnd(6)} ${memoryWords(row)}\n`);
  }
}
