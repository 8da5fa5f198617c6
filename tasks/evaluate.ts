/**
 * Measures the variants on a set of emoji scenes and prints a table:
 *
 *     deno run -A tasks/evaluate.ts --set emoji-c --count 40 --csv hard.csv
 */
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { DEVICES } from "../src/backend/select.ts";
import { list, setting } from "../src/cli/options.ts";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { sceneQueries } from "../src/datasets/queries.ts";
import { SCENE_SETS, type SceneSet, SPLITS } from "../src/datasets/sets.ts";
import { evaluate, type Segmenter } from "../src/evaluate/evaluate.ts";
import { evaluationCsv, type EvaluationRow, evaluationTable } from "../src/evaluate/table.ts";
import { DEFAULT_MODEL, loadModel } from "../src/models/load_model.ts";
import { writeFileAtomic } from "../src/files/write.ts";
import { segment } from "../src/segment.ts";
import { VARIANTS } from "../src/settings.ts";
import { wholeNumber } from "./options.ts";

const options = new Command("evaluate")
  .description("Measures the variants on emoji scenes whose masks are known.")
  .addOption(
    new Option("--set <name>").choices(Object.keys(SCENE_SETS) as SceneSet[])
      .makeOptionMandatory(),
  )
  .addOption(new Option("--split <name>").choices(SPLITS).default("test" as const))
  .option("--count <n>", "scenes", wholeNumber(1), 40)
  .option("--size <pixels>", "side of a picture", wholeNumber(64), 128)
  .option("--seed <n>", "of the set and of the algorithm", setting("seed"), 0)
  .option("--variants <names>", "what to compare", list(VARIANTS), [...VARIANTS])
  .option("--iterations <n>", "optimisation steps", setting("iterations"))
  .option("--model <id|folder>", "the diffusion model", DEFAULT_MODEL)
  .addOption(
    new Option("--device <name>").choices(DEVICES).default("auto" as const),
  )
  .option("--csv <file>", "write the table there as comma-separated values")
  .option("--json <file>", "write every query's result there")
  .parse()
  .opts();

const queries = await Array.fromAsync(sceneQueries(options.set, options, await emojiGlyphs()));
await using model = await loadModel(options.model, { device: options.device });
const rows: EvaluationRow[] = [];
for (const variant of options.variants) {
  const { iterations, seed } = options;
  const segmenter: Segmenter = async (image, prompt) => {
    const [{ alpha }] = await segment(model, image, prompt, { variant, iterations, seed });
    return alpha;
  };
  const evaluation = await evaluate(queries, segmenter, {
    clock: () => performance.now(),
    onResult: ({ prompt, iou }) => console.error(`${variant}  ${iou.toFixed(3)}  ${prompt}`),
  });
  rows.push({ name: variant, evaluation });
}
console.log(`${options.set}, ${options.count} scenes, ${model.id} on ${model.backend.description}`);
console.log(evaluationTable(rows));
if (options.csv !== undefined) await writeFileAtomic(options.csv, evaluationCsv(rows));
if (options.json !== undefined) {
  await writeFileAtomic(options.json, JSON.stringify({ options, rows }, null, 2) + "\n");
}
