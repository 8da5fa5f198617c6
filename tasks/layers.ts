/**
 * Checks that imports follow the way of the data: engines know no stage, stages know no edge, and a
 * stage knows only itself, engines and the stages before it. Run by `deno task ok`.
 *
 * @module
 */
import { relative } from "node:path";

/** The tree's layers, lowest first; a module may import from its own layer and those below. */
const LAYERS: readonly (readonly [layer: string, members: readonly RegExp[]])[] = [
  ["ground", [/^src\/(errors|version)\.ts$/, /^src\/files\//, /^deno\.json$/, /^shaders\//]],
  ["engine onnx", [/^src\/onnx\//]],
  ["engine autodiff", [/^src\/autodiff\//]],
  ["engine backend", [/^src\/backend\//]],
  ["stage image", [/^src\/image\//]],
  ["settings", [/^src\/settings\.ts$/]],
  ["stage prompt", [/^src\/prompt\//]],
  ["stage alpha", [/^src\/alpha\//]],
  ["stage diffusion", [/^src\/diffusion\//]],
  ["stage optimize", [/^src\/optimize\//]],
  ["stage mask", [/^src\/mask\//]],
  ["loop", [/^src\/(step|stages|segment)\.ts$/]],
  ["edge", [/^src\/(models|datasets|evaluate|report)\//, /^models\//]],
  ["edge cli", [/^src\/cli\//]],
  ["entry", [/^mod\.ts$/]],
];

/** Engines stand beside each other: autodiff builds on onnx, nothing else on another engine. */
const FORBIDDEN = [["engine backend", "engine onnx"], ["engine backend", "engine autodiff"]];

interface ModuleGraph {
  modules: {
    specifier: string;
    dependencies?: { code?: Target; type?: Target; specifier: string }[];
  }[];
}
interface Target {
  specifier?: string;
}

const root = new URL("../", import.meta.url);
const path = (specifier: string) => relative(root.pathname, new URL(specifier).pathname);
const layerOf = (file: string) =>
  LAYERS.findIndex(([, members]) => members.some((member) => member.test(file)));

const sources: string[] = ["mod.ts"];
for (const folder of ["src"]) await collect(folder);

async function collect(folder: string) {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const file = `${folder}/${name}`;
    if (isDirectory) await collect(file);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) sources.push(file);
  }
}

const problems: string[] = [];
for (const source of sources) {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(source, root).href],
    stderr: "null",
  }).output();
  const graph: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const from = layerOf(source);
  if (from < 0) problems.push(`${source} is in no layer`);
  const self = graph.modules.find(({ specifier }) => path(specifier) === source);
  for (const { code, type } of self?.dependencies ?? []) {
    const target = code?.specifier ?? type?.specifier;
    if (!target?.startsWith("file:")) continue;
    const to = layerOf(path(target));
    const names = [LAYERS[from]?.[0], LAYERS[to]?.[0]];
    const forbidden = FORBIDDEN.some(([a, b]) => a === names[0] && b === names[1]);
    if (to > from || forbidden) {
      problems.push(`${source} (${names[0]}) imports ${path(target)} (${names[1]})`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`${sources.length} modules, ${problems.length} imports against the layers`);
if (problems.length > 0) Deno.exit(1);
