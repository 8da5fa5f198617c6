import { isDeepStrictEqual } from "node:util";
import * as v from "npm:valibot@1.5.0";
import { fileError } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";
import { checkJson } from "../files/check_json.ts";
import type { Settings } from "../settings/settings.ts";
import type { QueryResult } from "./answers.ts";
import { type Evaluation, summarize } from "./summarize.ts";

/** All that the answers to a row of queries depend on. */
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

/** The answers so far. */
export interface Run extends RunKey {
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
 * A JSON file that holds every answer as soon as it is there, so that an interrupted evaluation
 * goes on where it stopped and several can be compared: `{ "runs": [{ set, split, …, evaluation }] }`.
 * Without a path it is in memory only.
 */
export interface RunFile {
  /** The answers so far, in the queries' order. */
  results(key: RunKey): readonly QueryResult[];
  /** Adds the answer to the next query; on disk when it returns. */
  add(key: RunKey, result: QueryResult): Promise<void>;
}

/**
 * Opens a {@link RunFile}; one that is there already is continued.
 *
 * @throws {UserError} The file cannot be read or is another sort of file.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "../catalog/models.ts";
 * import { resolveSettings } from "../settings/settings.ts";
 * import { openRunFile } from "./run_file.ts";
 *
 * const runs = await openRunFile();
 * const settings = resolveSettings(GENERIC_DEFAULTS, {}, 1000);
 * const model = { model: "emoji", sha256: "…", device: "cpu", settings };
 * const key = { set: "emoji-c", split: "val", size: 128, ...model };
 * await runs.add(key, { prompt: "a dog", iou: 0.9, wholeImageIou: 0.2, seconds: 3 });
 * console.assert(runs.results(key).length === 1);
 * ```
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
  // What a run is of need not be checked: one that is not like any key is never looked up.
  return checkJson(FILE, text, path, hint).runs as unknown as Run[];
}
