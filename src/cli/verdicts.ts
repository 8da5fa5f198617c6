import { describeVerdicts, type PromptVerdict } from "../mask/verdict.ts";
import { EXIT } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Says which masks of a finished run cannot be trusted, and sets the exit code for that. The files
 * are written all the same: they show what happened.
 */
export function reportVerdicts(
  io: Io,
  verdicts: readonly PromptVerdict[],
  setExitCode: (code: number) => void,
): void {
  const told = describeVerdicts(verdicts);
  if (!told) return;
  const [first, ...rest] = told.message;
  io.error(first.toUpperCase() + rest.join(""), told.advice);
  setExitCode(EXIT.noMask);
}
