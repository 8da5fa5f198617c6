/**
 * Checks that imports follow the way of the data: engines know no stage, stages know no edge, and a
 * stage knows only itself, engines and the stages before it. `deno task ok` runs it.
 *
 * @module
 */
import { relative } from "node:path";

/**
 * The house, from the ground up: a module may import from its own room and from those above it in
 * this list. A room is one folder, so that no two folders can import each other.
 */
const ROOMS: readonly (readonly [room: string, members: RegExp])[] = [
  ["ground", /^(src\/(errors|version)\.ts|deno\.json|shaders\/.*)$/],
  ["files", /^src\/files\//],
  // engines
  ["onnx", /^src\/onnx\//],
  ["autodiff", /^src\/autodiff\//],
  ["backend", /^src\/backend\//],
  ["networks", /^src\/networks\//],
  // stages, in the order of an iteration
  ["image", /^src\/image\//],
  ["depth", /^src\/depth\//],
  ["settings", /^src\/settings\//],
  ["prompt", /^src\/prompt\//],
  ["parametrization", /^src\/parametrization\//],
  ["clip", /^src\/clip\//],
  ["diffusion", /^src\/diffusion\//],
  ["optimize", /^src\/optimize\//],
  ["mask", /^src\/mask\//],
  // what runs the stages
  ["loop", /^src\/(step|iterate|batches|stages|segment|generate|optimize_layers|grid|sample)\.ts$/],
  // edges: bytes from outside, models, measuring, and the command line
  ["hub", /^src\/hub\//],
  ["catalog", /^(src\/catalog|models)\//],
  ["models", /^src\/models\//],
  ["datasets", /^src\/datasets\//],
  ["evaluate", /^src\/evaluate\//],
  ["report", /^src\/report\//],
  ["doctor", /^src\/doctor\//],
  ["api", /^src\/api\//],
  ["cli", /^src\/cli\//],
  ["entry", /^mod\.ts$/],
];

/** Engines stand beside each other: a backend knows no graph. */
const FORBIDDEN = [["backend", "onnx"], ["backend", "autodiff"]];

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
const roomOf = (file: string) => ROOMS.findIndex(([, members]) => members.test(file));

const sources = ["mod.ts", ...await modulesIn("src")];

/** Paths of the modules below a folder, but for tests. */
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
  const from = roomOf(source);
  if (from < 0) {
    problems.push(`${source} is in no room`);
    continue;
  }
  for (const target of await importsOf(source)) {
    const to = roomOf(target);
    const [importing, imported] = [ROOMS[from][0], ROOMS[to]?.[0] ?? "no room"];
    const forbidden = FORBIDDEN.some(([a, b]) => a === importing && b === imported);
    if (to < 0 || to > from || forbidden) {
      problems.push(`${source} (${importing}) imports ${target} (${imported})`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`${sources.length} modules, ${problems.length} against the house`);
if (problems.length > 0) Deno.exit(1);

/** Paths of the project's files that a module imports directly. */
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
