/** Projects whose compiler options are stricter than Deno's, as `docs/library.md` lists them. */
import assert from "node:assert/strict";
import { MOD, temporaryFolder } from "../cli/run.ts";

const CONSUMER = `
import { decodeImage, hub, loadModel, segment, UserError } from "${new URL(`file://${MOD}`).href}";

const given = (name: string) => Deno.args.includes(name) ? name : undefined;

export async function areaOf(signal: AbortSignal | undefined): Promise<number> {
  const files = await hub.hubFromEnvironment(given, { cacheFolder: "cache", onWarning: undefined });
  await using model = await loadModel("emoji", { device: undefined, hub: files, signal });
  const image = await decodeImage(new Blob([await Deno.readFile("dog.png")]), "dog.png");
  const [{ alpha }] = await segment(model, image, "a dog", { seed: undefined, signal });
  return alpha.reduce((sum, value) => sum + value, 0);
}

export const hintOf = (error: unknown): string | undefined =>
  error instanceof UserError ? error.hint : undefined;
`;

/** Checks the consumer's types with these compiler options. @returns Code and words of Deno. */
async function check(compilerOptions: Readonly<Record<string, boolean>>) {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/deno.json`, JSON.stringify({ compilerOptions }));
  await Deno.writeTextFile(`${folder.path}/consumer.ts`, CONSUMER);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "consumer.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("a project may set the compiler options that docs/library.md lists", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/library.md", import.meta.url));
  const section = page.match(/^## Types\n+(.*? may set )/m)?.[1] ?? "";
  const names = [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  for (const name of ["strict", "exactOptionalPropertyTypes", "erasableSyntaxOnly"]) {
    assert.ok(names.includes(name), name);
  }
  const { code, stderr } = await check(Object.fromEntries(names.map((name) => [name, true])));
  assert.deepEqual([code, stderr], [0, ""]);
});

Deno.test("a project's compiler options reach the sources that it imports", async () => {
  const { code, stderr } = await check({ noUncheckedIndexedAccess: true });
  assert.equal(code, 1);
  assert.match(stderr, /\/src\//);
});
