/**
 * Compares attention scores in large and in small pieces. The attention is Stable Diffusion's largest,
 * 4096 tokens with 8 heads of one U-Net sample. Its scores come in pieces of at most 256 MiB, or of at
 * most 64 MiB, which a driver with a small memory window still gives.
 *
 *     deno run -A bench/attention.ts --device cpu --rounds 5
 *
 * @module
 */
import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { Session } from "../src/backend/backend.ts";
import { openBackend } from "../src/backend/select.ts";
import { writeModel } from "../src/onnx/model.ts";
import { OpBuilder } from "../src/onnx/op_builder.ts";
import { splitRows } from "../src/onnx/split_rows.ts";
import { wholeNumber } from "../tasks/options.ts";
import { inTurn } from "./in_turn.ts";
import { deviceOption, roundsOption } from "./options.ts";

const { device, rounds, tokens } = new Command("attention")
  .addOption(deviceOption()).addOption(roundsOption(5))
  .option("--tokens <n>", "side of the scores", wholeNumber(64), 4096)
  .parse().opts();
const HEADS = 8, WIDTH = 40;
const SHAPE = [HEADS, tokens, WIDTH];

const g = new OpBuilder({ opset: 18 });
const [q, k, v] = ["q", "k", "v"].map((name) =>
  g.addInput({ name, dtype: "float32", shape: SHAPE })
);
const scores = g.emit("Softmax", [g.matMul(q, g.transpose(k, [0, 2, 1]))], { axis: -1 });
const attention = g.build([g.rename(g.matMul(scores, v), "y")]);
/** Bytes of all scores: the pieces are a half and an eighth of them, 256 and 64 MiB at 4096 tokens. */
const bytes = 4 * HEADS * tokens ** 2;

await using backend = await openBackend(device);
const load = (limit: number) => backend.load(writeModel(splitRows(attention, limit)));
using large = await load(bytes / 2);
using small = await load(bytes / 8);
using stack = new DisposableStack();
const inputs = Object.fromEntries(
  ["q", "k", "v"].map((name) => [name, stack.use(backend.tensor(SHAPE))]),
);
const y = stack.use(backend.tensor(SHAPE));
const run = (session: Session) => async () => {
  await session.run(inputs, { y });
  await backend.idle();
};
const times = await inTurn({ large: run(large), small: run(small) }, { rounds });

const line = (name: string, value: string) => console.log(`${name.padEnd(40)}${value}`);
line(`${device}, pieces of ${bytes / 2 / 2 ** 20} MiB`, `${times.large.toFixed(1)} ms`);
line(`${device}, pieces of ${bytes / 8 / 2 ** 20} MiB`, `${times.small.toFixed(1)} ms`);
line("small pieces ÷ large pieces", (times.small / times.large).toFixed(2));
