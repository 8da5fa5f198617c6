import assert from "node:assert/strict";
import { newVisitor } from "./visitor.ts";

const MOD = new URL("../../mod.ts", import.meta.url).href;

/** Makes WebAssembly and the GPU unusable, then imports the library and tries to use both. */
const SCRIPT = `
  const trap = (name) => () => { throw new Error(name + " is used"); };
  for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming", "Module"]) {
    WebAssembly[name] = trap("WebAssembly");
  }
  Object.defineProperty(navigator, "gpu", { get: trap("The GPU") });

  const { backend, decodeImage } = await import("${MOD}");
  console.log("imported");

  const image = await Deno.readFile(new URL("examples/penguin-on-plain.png", "${MOD}"));
  for (const use of [() => decodeImage(image, "image"), () => backend.openBackend("webgpu")]) {
    await use().then(() => console.log("no trap"), (error) => console.log(error.message));
  }
`;

Deno.test("importing the library loads no WebAssembly and touches no GPU; using it does", async () => {
  await using visitor = await newVisitor();
  await Deno.writeTextFile(`${visitor.folder}/script.js`, SCRIPT);
  const { stdout, stderr } = await visitor.run("script.js");
  assert.equal(stderr, "");
  const [imported, ...traps] = stdout.trimEnd().split("\n");
  assert.equal(imported, "imported");
  assert.match(traps[0], /WebAssembly/);
  assert.match(traps[1], /The GPU is used/);
  assert.equal(traps.length, 2);
});

/** Imports the library, then the command line, and says after each whether a CLI's package has run. */
const LAZY = `
  import { Module } from "node:module";
  const ran = () => Object.keys(Module._cache).some((path) => path.includes("cli-progress"));
  await import("${MOD}");
  console.log(ran());
  await import("${new URL("src/cli/main.ts", MOD)}");
  console.log(ran());
`;

Deno.test("importing the library does not run the command line's modules", async () => {
  await using visitor = await newVisitor();
  await Deno.writeTextFile(`${visitor.folder}/script.js`, LAZY);
  const { stdout, stderr } = await visitor.run("script.js");
  assert.deepEqual([stdout, stderr], ["false\ntrue\n", ""]);
});
