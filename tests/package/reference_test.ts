/** The library's reference, as `deno doc` makes it from `mod.ts`. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface Reference {
  readonly nodes: Record<string, { readonly symbols: readonly ExportedSymbol[] }>;
}
interface ExportedSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: { readonly tags?: readonly { readonly kind: string }[] };
  }[];
}

Deno.test("every function, class and constant that the library exports has an example", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", fileURLToPath(new URL("../../mod.ts", import.meta.url))],
  }).output();
  const { nodes }: Reference = JSON.parse(new TextDecoder().decode(stdout));
  const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
  assert(symbols.some(({ name }) => name === "segment"));
  for (const { name, declarations } of symbols) {
    for (const { kind, jsDoc } of declarations) {
      if (!["function", "class", "variable"].includes(kind)) continue;
      assert(jsDoc?.tags?.some((tag) => tag.kind === "example"), `${name} has no @example`);
    }
  }
});
