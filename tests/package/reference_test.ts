/** The library's reference, as `deno doc` makes it from `mod.ts` and the modules of its namespaces. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface Reference {
  readonly nodes: Record<string, { readonly symbols: readonly ExportedSymbol[] }>;
}
interface ExportedSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: {
      readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
    };
  }[];
}

/** Names at the top of `mod.ts`, namespaces among them, that one can still hold in the head. */
const MOST_NAMES = 50;

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

async function exportsOf(file: string): Promise<readonly ExportedSymbol[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", path(file)],
  }).output();
  const { nodes }: Reference = JSON.parse(new TextDecoder().decode(stdout));
  return Object.values(nodes).flatMap(({ symbols }) => symbols);
}

const top = await exportsOf("mod.ts");
const namespaces = top.filter(({ declarations: [{ kind }] }) => kind === "namespace");

const members = (await Promise.all(namespaces.map(({ name }) => exportsOf(`src/api/${name}.ts`))))
  .flat();

Deno.test("sessions of a model, loading parts, clocks and random streams are private", () => {
  const names = new Set([...top, ...members].map(({ name }) => name));
  assert(names.has("Backend"));
  for (
    const name of ["Networks", "EncoderSessions", "LoadingParts", "ModelParts", "Clock", "STREAMS"]
  ) {
    assert(!names.has(name), name);
  }
});

Deno.test("the library has few names at its top", () => {
  assert.deepEqual(
    namespaces.map(({ name }) => name).sort(),
    ["autodiff", "backend", "hub", "images", "kernels", "models"],
  );
  assert(top.some(({ name }) => name === "segment"));
  assert(top.length <= MOST_NAMES, `${top.length} names`);
});

Deno.test("everything that the library exports has an example", () => {
  for (const { name, declarations } of [...top, ...members]) {
    for (const { kind, jsDoc } of declarations) {
      if (!["function", "class", "variable"].includes(kind)) continue;
      const example = jsDoc?.tags?.find((tag) => tag.kind === "example")?.doc;
      assert(example, `${name} has no @example`);
      assert.match(example, /^import \{[^}]*\} from "(\.{1,2}\/)+mod\.ts";$/m, name);
    }
  }
});
