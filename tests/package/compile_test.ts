/**
 * The contents of the program that `deno task compile` makes. The program itself is not run: Deno would have to
 * download the runtime it starts with, so here the running Deno stands in for that runtime, which
 * makes a file that holds everything and starts as Deno.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { EMBEDDED } from "../embedded_model.ts";
import { temporaryFolder } from "../cli/run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** WebAssembly that is loaded by name while the program runs, by package. */
const WASM: Record<string, readonly string[]> = {
  "onnxruntime-web": ["dist/ort-wasm-simd-threaded.wasm", "dist/ort-wasm-simd-threaded.jspi.wasm"],
  "imagescript": ["wasm/any/png.wasm", "wasm/any/jpeg.wasm", "wasm/any/gif.wasm"],
};

Deno.test("the compiled program holds models, shaders and WebAssembly", async () => {
  await using folder = await temporaryFolder();
  const program = `${folder.path}/peekaboo`;
  const [deno, ...args] = config.tasks.compile.command.replace("dist/peekaboo", program).split(" ");
  assert.equal(deno, "deno");
  assert(args.includes(program));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { DENORT_BIN: Deno.execPath() },
  }).output();
  assert(success, new TextDecoder().decode(stderr));

  // A string of one byte a character: searching one is several times faster than a buffer.
  const read = async (path: string) => Buffer.from(await Deno.readFile(path)).toString("latin1");
  const content = await read(program);
  for (const path of await embeddedFiles()) {
    assert(content.includes(await read(path)), `${path} is not in the program`);
  }
});

async function embeddedFiles(): Promise<string[]> {
  const { id, source } = EMBEDDED;
  const models = source.files.map(({ path }) => `${ROOT}models/${id}/${path}`);
  const shaders = Array.from(
    Deno.readDirSync(`${ROOT}shaders`),
    ({ name }) => `${ROOT}shaders/${name}`,
  );
  const packages = await npmFolders();
  const wasm = Object.entries(WASM).flatMap(([name, paths]) =>
    paths.map((path) => `${packages.get(name)}/${path}`)
  );
  return [...models, ...shaders, ...wasm];
}

/** Where Deno keeps the npm packages that `mod.ts` uses, by name. */
async function npmFolders(): Promise<Map<string, string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${ROOT}mod.ts`],
  }).output();
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  return new Map(
    Object.values<{ name: string; localPath: string }>(npmPackages)
      .map(({ name, localPath }) => [name, localPath]),
  );
}
