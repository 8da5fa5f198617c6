/**
 * Prints the table of differentiable operators: `deno task ops > docs/operators.md`.
 *
 * @module
 */
import { operatorTable } from "../src/autodiff/operators.ts";

if (import.meta.main) await Deno.stdout.write(new TextEncoder().encode(operatorTable()));
