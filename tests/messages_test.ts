/** The library's messages name settings and options; only the command line knows flags. */
import assert from "node:assert/strict";
import { filesIn } from "./cli/run.ts";

const SRC = new URL("../src/", import.meta.url);
const FLAG = /(^|[^\w-])--[a-z]/;

/** Finds string literals that hold a flag: the table's own flags, and lone arguments, are none. */
const PLUGIN: Deno.lint.Plugin = {
  name: "messages",
  rules: {
    "no-flags": {
      create(context) {
        const check = (node: Deno.lint.Node, text: string) => {
          const { parent } = node as { parent?: Deno.lint.Node };
          const inTable = parent?.type === "Property" && parent.key.type === "Identifier" &&
            parent.key.name === "flag";
          if (FLAG.test(text) && /\s/.test(text) && !inTable) {
            context.report({ node, message: text });
          }
        };
        return {
          Literal: (node) => typeof node.value === "string" && check(node, node.value),
          TemplateElement: (node) => check(node, node.cooked),
        };
      },
    },
  },
};

const flagsIn = (path: string, source: string) =>
  Deno.lint.runPlugin(PLUGIN, path, source).map(({ message }) => message);

Deno.test("no message of the library names a flag", async () => {
  const modules = (await filesIn(SRC.pathname)).filter((path) => /(?<!_test)\.ts$/.test(path));
  assert(modules.length > 100);
  for (const path of modules.filter((path) => !path.startsWith("cli/"))) {
    assert.deepEqual(flagsIn(path, await Deno.readTextFile(new URL(path, SRC))), [], path);
  }
});

Deno.test("a flag in a message is found, in a string or a template", () => {
  const source =
    "const a = `give --clip ${b} or --depth x`; const c = 'use --device cpu'; // --no x";
  assert.deepEqual(flagsIn("a.ts", source), ["give --clip ", " or --depth x", "use --device cpu"]);
  assert.deepEqual(flagsIn("b.ts", "const row = { flag: '--size <n>', args: ['--json'] };"), []);
});
