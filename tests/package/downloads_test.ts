/**
 * What a command downloads the first time it runs: the packages that it imports, with what those
 * depend on. It runs with these packages in Deno's cache, no others, and leave to download none.
 */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT } from "../../src/cli/io.ts";
import { copyFolder, MOD, temporaryFolder } from "../cli/run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
/** The most that the first `segment` may download. */
const MOST = 45;

/** Exit codes of a run to its end. */
const DONE: readonly number[] = [EXIT.ok, EXIT.noMask];

/** Every command needs these. */
const ALWAYS = [
  "@bufbuild/protobuf",
  "@commander-js/extra-typings",
  "cli-progress",
  "pretty-bytes",
  "valibot",
];
/** `segment` needs these as well. */
const SEGMENT = ["@huggingface/tokenizers", "imagescript", "onnxruntime-web", "pngjs"];

/** A package as `deno info` tells of it. */
interface Package {
  readonly name: string;
  /** Keys of those it depends on. */
  readonly dependencies: readonly string[];
  /** The folder of this version, in a folder of the package's name. */
  readonly localPath: string;
}

for (
  const { args, others } of [
    { args: ["--help"], others: [] },
    {
      args: [
        "segment",
        IMAGE,
        "a dog",
        "--iterations",
        "1",
        "--size",
        "16",
        "--device",
        "cpu",
      ],
      others: SEGMENT,
    },
  ]
) {
  const names = [...ALWAYS, ...others];
  Deno.test(`${args[0]} needs ${names.length} packages and what they depend on, no more`, async () => {
    const packages = withDependencies(names, (await info(MOD)).npmPackages);
    assert(packages.length <= MOST, `${packages.length} packages`);
    await using folder = await temporaryFolder();
    const folders = await fillCache(folder.path, packages);
    const full = await runWith(folder.path, args);
    // One iteration may leave no mask to trust, which is no mistake.
    assert(DONE.includes(full.code), full.stderr);

    // Those of every command are tried with the first.
    for (const name of others.length > 0 ? others : ALWAYS) {
      const path = folders.get(name)!;
      await Deno.rename(path, `${path}.away`);
      const { code, stderr } = await runWith(folder.path, args);
      assert(!DONE.includes(code), `${name} is not needed`);
      assert(stderr.includes(name), stderr);
      await Deno.rename(`${path}.away`, path);
    }
  });
}

/** The packages of these names, and all that they depend on. */
function withDependencies(
  names: readonly string[],
  packages: Readonly<Record<string, Package>>,
): Package[] {
  const keys = Object.keys(packages).filter((key) => names.includes(packages[key].name));
  assert.equal(keys.length, names.length);
  const found = new Set(keys);
  // A set is walked to its end, with what was added on the way.
  for (const key of found) packages[key].dependencies.forEach((other) => found.add(other));
  return Array.from(found, (key) => packages[key]);
}

/** Copies packages, and no others, into a cache of Deno's; gives each one's folder by its name. */
async function fillCache(
  cache: string,
  packages: readonly Package[],
): Promise<Map<string, string>> {
  const { npmCache } = await info();
  const folders = packages.map(({ name, localPath }) => {
    const from = dirname(localPath);
    return { name, from, to: join(cache, "npm", relative(npmCache, from)) };
  });
  for (const { from, to } of folders) await copyFolder(from, to);
  return new Map(folders.map(({ name, to }) => [name, to]));
}

/** Runs a command where nothing but the cache's packages can be had. */
async function runWith(cache: string, args: readonly string[]) {
  await using folder = await temporaryFolder();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--cached-only", MOD, ...args],
    cwd: folder.path,
    env: { NO_COLOR: "1", DENO_DIR: cache },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** What `deno info` says, of a module or in general. */
async function info(...modules: readonly string[]) {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...modules],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}
