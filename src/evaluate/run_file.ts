import { isDeepStrictEqual } from "node:util";
import * as v from "npm:valibot@1.5.0";
import { fileError } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";
import { checkJson } from "../files/check_json.ts";
import type { Settings } from "../settings/settings.ts";
import { type Evaluation, type QueryResult, summarize } from "./metrics.ts";

/** Everything that the answers to a set of queries depend on. */
export interface RunKey {
  readonly set: string;
  readonly split: string;
  /** Side of the images in pixels. */
  readonly size: number;
  /** The model's name or folder. */
  readonly model: string;
  /** SHA-256 over the model's files. */
  readonly sha256: string;
  readonly device: string;
  readonly settings: Settings;
}

/** A run and its answers so far. */
interface Run extends RunKey {
  readonly evaluation: Evaluation;
}

const RESULT = v.object({
  prompt: v.string(),
  kind: v.exactOptional(v.string()),
  iou: v.number(),
  wholeImageIou: v.number(),
  seconds: v.number(),
});
const FILE = v.object({
  runs: v.array(v.looseObject({ evaluation: v.looseObject({ results: v.array(RESULT) }) })),
});

/**
 * A JSON file that receives each answer at once, so that an interrupted evaluation continues where it
 * stopped and several can be compared: `{ "runs": [{ set, split, …, evaluation }] }`.
 */
export interface RunFile {
  /** The answers so far, in the queries' order. */
  results(key: RunKey): readonly QueryResult[];
  /** Adds the answer to the next query, and writes the file. */
  add(key: RunKey, result: QueryResult): Promise<void>;
}

/**
 * Opens a {@link RunFile}, and continues it if it exists. Without a path it stays in memory.
 *
 * @throws {UserError} If the file cannot be read or is another sort of file.
 */
export async function openRunFile(path?: string): Promise<RunFile> {
  const runs = path === undefined ? [] : await read(path);
  const indexOf = (key: RunKey) =>
    runs.findIndex(({ evaluation: _, ...other }) => isDeepStrictEqual(other, key));
  const results = (key: RunKey) => runs[indexOf(key)]?.evaluation.results ?? [];
  return {
    results,
    async add(key, result) {
      const run = { ...key, evaluation: summarize([...results(key), result]) };
      const index = indexOf(key);
      runs.splice(index < 0 ? runs.length : index, 1, run);
      if (path !== undefined) await writeFileAtomic(path, JSON.stringify({ runs }, null, 2) + "\n");
    },
  };
}

async function read(path: string): Promise<Run[]> {
  const hint = "give a file that an evaluation has written, or a new one";
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw fileError(`Cannot read "${path}"`, cause, hint);
  }
  // The keys need no check: nothing looks up a run whose key differs.
  return checkJson(FILE, text, path, hint).runs as unknown as Run[];
}
