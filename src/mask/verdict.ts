/**
 * A verdict says whether a mask can be trusted: an optimisation may run to its end and still have
 * gone nowhere.
 *
 * @module
 */

/**
 * The state of a mask after its optimisation:
 * - `ok`: it changed, and it has pixels on both sides of the threshold.
 * - `not-finite`: α holds NaN or an infinity.
 * - `unmoved`: no pixel of α changed by 0.01 since the first iteration.
 * - `constant`: all pixels of α lie within 0.01 of each other.
 * - `empty`: every pixel of α is below the threshold.
 * - `full`: no pixel of α is below the threshold.
 */
export type Verdict = "ok" | "not-finite" | "unmoved" | "constant" | "empty" | "full";

/** Nobody would see a change or difference of α below this. */
const VISIBLE = 0.01;

/** A mask at two moments of one run, which {@link judgeMask} compares. */
export interface Judged {
  /** α of the first iteration, 0..1. */
  readonly before: Float32Array;
  /** α now, of the same length. */
  readonly now: Float32Array;
  /** The mask is α ≥ this, 0..1. */
  readonly threshold: number;
}

/** Judges a mask: compares its first state with its present one. */
export function judgeMask({ before, now, threshold }: Judged): Verdict {
  let [min, max, moved] = [Infinity, -Infinity, 0];
  for (let i = 0; i < now.length; i++) {
    if (!Number.isFinite(now[i])) return "not-finite";
    min = Math.min(min, now[i]);
    max = Math.max(max, now[i]);
    moved = Math.max(moved, Math.abs(now[i] - before[i]));
  }
  if (moved < VISIBLE) return "unmoved";
  if (max - min < VISIBLE) return "constant";
  if (max < threshold) return "empty";
  return min < threshold ? "ok" : "full";
}

/** A fault of a mask, and advice. */
interface Finding {
  /** Completes a sentence whose subject is the mask, e.g. `has not moved`. */
  readonly finding: string;
  /** An instruction. */
  readonly advice: string;
}

const FINDINGS: Readonly<Record<Exclude<Verdict, "ok">, Finding>> = {
  "not-finite": {
    finding: "is not a number: the optimisation diverged",
    advice: "use a smaller learning rate, guidance scale or λ",
  },
  unmoved: {
    finding: "has changed by less than 0.01 since the first iteration",
    advice: "use a larger learning rate or more iterations",
  },
  constant: {
    finding: "is the same everywhere",
    advice: "try another prompt or seed, or a larger learning rate",
  },
  empty: {
    finding: "is below the threshold everywhere",
    advice: "use a smaller λ, or try another prompt or seed, or more iterations",
  },
  full: {
    finding: "reaches the threshold everywhere",
    advice: "use a larger λ, or try another prompt or seed, or more iterations",
  },
};

/** One mask's verdict, with the prompt that the mask belongs to. */
export interface PromptVerdict {
  /** The thing that the mask was meant to cover. */
  readonly prompt: string;
  readonly verdict: Verdict;
}

/** Names in one sentence the masks that cannot be trusted, with advice; nothing if all can be. */
export function describeVerdicts(
  verdicts: readonly PromptVerdict[],
): { readonly message: string; readonly advice: string } | undefined {
  const bad = verdicts.flatMap(({ prompt, verdict }) =>
    verdict === "ok" ? [] : [{ prompt, ...FINDINGS[verdict] }]
  );
  if (bad.length === 0) return undefined;
  const message = bad.map(({ prompt, finding }) => `the mask of "${prompt}" ${finding}`).join("; ");
  return { message, advice: [...new Set(bad.map(({ advice }) => advice))].join("; ") };
}
