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
  ["stage depth", [/^src\/depth\//]],
  ["settings", [/^src\/(settings|generate_settings)\.ts$/]],
  ["stage prompt", [/^src\/prompt\//]],
  ["stage alpha", [/^src\/alpha\//]],
  ["stage diffusion", [/^src\/diffusion\//]],
  ["stage clip", [/^src\/clip\//]],
  ["stage optimize", [/^src\/optimize\//]],
  ["stage mask", [/^src\/mask\//]],
  ["loop", [/^src\/(step|iterate|stages|segment|generat\w+|grid|sample)\.ts$/]],
  ["edge", [/^src\/(models|datasets|evaluate|report)\//, /^models\//]],
  ["edge cli", [/^src\/cli\//]],
  ["entry", [/^mod\.ts$/]],
];

/** Engines stand beside each other: autodiff builds on onnx, nothing else on another engine. */
const FORBIDDEN = [["engine backend", "engine onnx"], ["engine backend", "engine autodiff"]];

interface ModuleGraph {
  modules: {
    specifier: string;
    dependencies?: { code?: Target; type?: Target }[];
  }[];
}
interface Target {
  specifier?: string;
}

const root = new URL("../", import.meta.url);
const pathOf = (specifier: string) => relative(root.pathname, new URL(specifier).pathname);
const layerOf = (file: string) =>
  LAYERS.findIndex(([, members]) => members.some((member) => member.test(file)));

const sources = ["mod.ts", ...await modulesIn("src")];

/** Paths of the modules below a folder, tests left out. */
async function modulesIn(folder: string): Promise<string[]> {
  const modules: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) modules.push(...await modulesIn(path));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) modules.push(path);
  }
  return modules.sort();
}

const problems: string[] = [];
for (const source of sources) {
  const from = layerOf(source);
  if (from < 0) {
    problems.push(`${source} is in no layer`);
    continue;
  }
  for (const target of await importsOf(source)) {
    const to = layerOf(target);
    const [importing, imported] = [LAYERS[from][0], LAYERS[to]?.[0] ?? "no layer"];
    const forbidden = FORBIDDEN.some(([a, b]) => a === importing && b === imported);
    if (to < 0 || to > from || forbidden) {
      problems.push(`${source} (${importing}) imports ${target} (${imported})`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`${sources.length} modules, ${problems.length} against the layers`);
if (problems.length > 0) Deno.exit(1);

/** Paths of the project's files that a module imports itself. */
async function importsOf(source: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(source, root).href],
    stderr: "null",
  }).output();
  const { modules }: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const { dependencies = [] } = modules.find(({ specifier }) => pathOf(specifier) === source)!;
  return dependencies.map(({ code, type }) => code?.specifier ?? type?.specifier ?? "")
    .filter((target) => target.startsWith("file:")).map(pathOf);
}
