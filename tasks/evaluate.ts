import { basename, dirname } from "node:path";
import { Command, InvalidArgumentError, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { DEVICES } from "../src/backend/select.ts";
import { EXIT } from "../src/cli/io.ts";
import { list } from "../src/cli/options.ts";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { sceneQueries } from "../src/datasets/queries.ts";
import { SCENE_SETS, type SceneSet, SPLITS } from "../src/datasets/sets.ts";
import { resume, type Segmenter } from "../src/evaluate/evaluate.ts";
import { openRunFile } from "../src/evaluate/run_file.ts";
import {
  type Contender,
  type Contest,
  evaluationCsv,
  evaluationTable,
} from "../src/evaluate/table.ts";
import { CONTENDERS, trials } from "../src/evaluate/trials.ts";
import { writeFileAtomic } from "../src/files/write.ts";
import { DEFAULT_MODEL, loadModel } from "../src/models/load_model.ts";
import { checkOwnFiles } from "../src/report/own_files.ts";
import { segment } from "../src/segment.ts";
import { toldInLines, wholeNumber } from "./options.ts";

/**
 * Measures the variants on sets of emoji scenes, and prints one table per set:
 *
 *     deno run -A tasks/evaluate.ts --set emoji-c,ref-emoji --csv table.csv
 *
 * Tune settings on validation scenes. Every combination is a row:
 *
 *     deno run -A tasks/evaluate.ts --split val --count 20 --variants rgb-bilateral \
 *       --try lambda=0.05,0.1 --try guidanceScale=20,50 --json tuning.json
 *
 * With `--json` every answer is on disk at once, and the same command continues where it stopped.
 */

const SETS = Object.keys(SCENE_SETS) as SceneSet[];

const options = new Command("evaluate")
  .description("Measures the variants on emoji scenes whose masks are known.")
  .addOption(
    new Option("--set <names>", `some of ${SETS.join(", ")}, or all`)
      .argParser((text) => text === "all" ? SETS : list(SETS)(text))
      .default(["emoji-c", "ref-emoji"] as SceneSet[], "emoji-c,ref-emoji"),
  )
  .addOption(new Option("--split <name>").choices(SPLITS).default("test" as const))
  .option("--count <n>", "scenes of each set, from the first on; all by default", wholeNumber(1))
  .option("--size <pixels>", "side of an image", wholeNumber(16), 128)
  .option(
    "--variants <names>",
    "variants to compare; all that the model can run by default",
    list(CONTENDERS),
  )
  .option("--try <setting=values>", "a setting's values, e.g. lambda=0.1,0.2", toValues, {})
  .option("--model <id|folder>", "the diffusion model", DEFAULT_MODEL)
  .addOption(new Option("--device <name>").choices(DEVICES).default("auto" as const))
  .option("--csv <file>", "write the tables there as comma-separated values")
  .option("--overwrite", "let --csv replace a file that no evaluation wrote")
  .option("--json <file>", "write each answer there at once, and continue after those in it")
  .parse()
  .opts();

/** Adds the values of one more `--try`. */
function toValues(text: string, others: Record<string, string[]>): Record<string, string[]> {
  const [name, values] = text.split("=");
  if (values === undefined) throw new InvalidArgumentError("Wanted setting=value,value.");
  return { ...others, [name]: values.split(",") };
}

const stopping = new AbortController();
Deno.addSignalListener("SIGINT", function stop() {
  stopping.abort();
  // The next one ends the program at once.
  Deno.removeSignalListener("SIGINT", stop);
});

await toldInLines(main);
Deno.exit(stopping.signal.aborted ? EXIT.interrupted : EXIT.ok);

async function main() {
  const { split, size, csv } = options;
  if (csv !== undefined) await checkOwnFiles(dirname(csv), [basename(csv)], options);
  const { signal } = stopping;
  const runs = await openRunFile(options.json);
  const glyphs = await emojiGlyphs();
  await using model = await loadModel(options.model, { device: options.device });
  const { id, sha256, defaults, noiseSchedule, backend } = model;
  const beside = { "depth-bilateral": await model.depthModel(), clip: await model.clipModel() };
  const possible = CONTENDERS.filter((name) =>
    !(name in beside) || beside[name as keyof typeof beside]
  );
  const values = { variant: options.variants ?? possible, ...options.try };
  const all = trials(values, defaults, noiseSchedule.alphasCumprod.length);

  const contests: Contest[] = [];
  for (const set of options.set) {
    const to = Math.min(options.count ?? Infinity, SCENE_SETS[set][split]);
    const contenders: Contender[] = [];
    for (const { name, settings } of all) {
      const key = { set, split, size, model: id, sha256, device: backend.device, settings };
      const queriesFrom = (from: number) => sceneQueries(set, { split, from, to, size }, glyphs);
      const segmenter: Segmenter = async (image, prompt) =>
        (await segment(model, image, prompt, { ...settings, signal }))[0].alpha;
      await resume(runs, key, queriesFrom, segmenter, {
        clock: () => performance.now(),
        signal,
        onResult: (prompt, iou) => console.error(`${set}  ${name}  ${iou.toFixed(3)}  ${prompt}`),
      });
      const results = runs.results(key).slice(0, to);
      if (results.length > 0) contenders.push({ name, results });
    }
    if (contenders.length === 0) break;
    const contest = { name: set, contenders };
    contests.push(contest);
    console.log(`${set} ${split}, ${id} on ${backend.description}\n${evaluationTable(contest)}`);
    if (csv !== undefined) await writeFileAtomic(csv, evaluationCsv(contests));
  }
}
