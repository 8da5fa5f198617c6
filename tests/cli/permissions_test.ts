/** Commands with exactly the permissions that docs/permissions.md says they need. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { noAdapter } from "../backends.ts";
import { bytesOf, standIn } from "../hub/stand_in.ts";
import { layoutFiles } from "../hub/repositories.ts";
import { MOD, type Run, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const PAGE = await Deno.readTextFile(new URL("../../docs/permissions.md", import.meta.url));

/** The permissions of each command in the page's table. */
const TABLE = new Map(
  [...PAGE.matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)].flatMap(([, commands, permissions]) => {
    const flags = permissions === "none" ? [] : permissions.replaceAll("`", "").split(" ");
    return [...commands.matchAll(/`([^`]+)`/g)].map(([, command]) => [command, flags] as const);
  }),
);

/** The permissions of a command, with the places that the table only names. */
function permissionsOf(command: string, places: Readonly<Record<string, string>> = {}): string[] {
  const flags = TABLE.get(command);
  assert(flags, `${command} is not in the table`);
  return flags.map((flag) => flag.replace(/<(\w+)>/g, (_, place: string) => places[place]));
}

/** Runs the program with some permissions, and asks for no others. */
async function runWith(
  permissions: readonly string[],
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, MOD, ...args],
    cwd,
    env: { NO_COLOR: "1", CLICOLOR_FORCE: "1", XDG_RUNTIME_DIR: cwd, ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const COMMANDS = [
  ...["segment", "generate", "grid", "sample", "ablate", "doctor", "models"].map((name) => [name]),
  ...["list", "pull", "verify", "info", "path", "rm", "du"].map((name) => ["models", name]),
];

Deno.test("help and version need no permission", async () => {
  await using folder = await temporaryFolder();
  for (const args of [[], ...COMMANDS]) {
    const help = [...args, "--help"];
    const { code, stdout, stderr } = await runWith(permissionsOf("--help"), help, folder.path);
    assert.deepEqual([code, stderr], [0, ""], help.join(" "));
    assert(stdout.startsWith(`Usage: ${["peekaboo", ...args].join(" ")} [options]`), stdout);
  }
  const { code, stdout, stderr } = await runWith(
    permissionsOf("--version"),
    ["--version"],
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

/** Exit codes of a run to its end: one iteration may leave no mask to trust. */
const DONE = [0, 4];
const QUICK = ["--iterations", "1", "--size", "16", "--out", "out", "--quiet"];

const JOBS: readonly (readonly string[])[] = [
  ["segment", IMAGE, "a dog", "--timelapse"],
  ["segment", IMAGE, "a dog", "--variant", "depth-bilateral", "--loss", "clip"],
  ["generate", "a dog"],
  ["grid", "--foreground", "a dog", "--background", "a tree"],
  ["ablate", "blur", IMAGE, "a dog"],
];

for (const device of ["cpu", "webgpu"]) {
  for (const args of JOBS) {
    const name = args.filter((arg) => arg !== IMAGE).join(" ");
    Deno.test({
      name: `${name} needs to read, and to write its folder (${device})`,
      ignore: device === "webgpu" && (noAdapter || args[0] !== "segment"),
      async fn() {
        await using folder = await temporaryFolder();
        const permissions = permissionsOf(args[0], { out: "out" });
        const all = [...args, ...QUICK, "--device", device];
        const { code, stderr } = await runWith(permissions, all, folder.path);
        assert(DONE.includes(code), stderr);
      },
    });
  }
}

Deno.test("sample needs to read, and to write its folder", async () => {
  await using folder = await temporaryFolder();
  const args = ["sample", "a dog", "--steps", "1", "--out", "out", "--device", "cpu"];
  const { code, stderr } = await runWith(
    permissionsOf("sample", { out: "out" }),
    args,
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
});

Deno.test("a command without one of its permissions is one line that names it", async () => {
  await using folder = await temporaryFolder();
  const args = ["segment", IMAGE, "a dog", ...QUICK, "--device", "cpu"];
  const permissions = permissionsOf("segment", { out: "out" });
  assert.equal(permissions.length, 2);
  for (const missing of permissions) {
    const others = permissions.filter((flag) => flag !== missing);
    const { code, stdout, stderr } = await runWith(others, args, folder.path);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, new RegExp(`^error: [^\\n]*${missing.split("=")[0]}[^\\n]*\\n$`));
  }
});

Deno.test("a path that Deno may not read is not blamed on the model", async () => {
  await using folder = await temporaryFolder();
  const permissions = [`--allow-read=${fileURLToPath(new URL("../../", import.meta.url))},out`];
  const args = ["generate", "a dog", ...QUICK, "--device", "cpu"];
  const { code, stderr } = await runWith(
    [...permissions, "--allow-write=out"],
    args,
    folder.path,
  );
  assert.equal(code, 2);
  // ONNX Runtime prints lines of its own before.
  assert.match(
    stderr,
    /^error: Cannot load ONNX Runtime: Deno requires read access to [^\n]* \(run again with the --allow-read flag\)\n$/m,
  );
});

for (
  const [command, args] of [
    ["segment --dry-run", ["segment", IMAGE, "a dog", "--dry-run", "--device", "cpu"]],
    ["doctor", ["doctor", "--device", "cpu"]],
    ["models list", ["models", "list"]],
    ["models verify", ["models", "verify", "emoji"]],
    ["models du", ["models", "du"]],
  ] as const
) {
  Deno.test(`${command} needs to read`, async () => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await runWith(permissionsOf(command), args, folder.path);
    assert.deepEqual([code, stderr], [0, ""]);
  });
}

Deno.test("models info of the embedded model needs no permission", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await runWith([], ["models", "info", "emoji"], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^emoji: /);
});

Deno.test("models pull, info, path and rm need the cache, and pull the network", async () => {
  await using site = await standIn({
    "ada/dogs": { main: { ...layoutFiles(1), "unet/weights.pb": bytesOf(1000, 7) } },
  });
  const places = {
    cache: site.hub.cacheFolder,
    hub: site.endpoint.host,
    cdn: site.cdn.host,
  };
  // The stand-in is no host that Peekaboo knows without looking.
  const env = { HF_ENDPOINT: site.endpoint.href, HF_HUB_CACHE: site.hub.cacheFolder };
  for (const command of ["pull", "info", "path", "rm"]) {
    const name = `models ${command}`;
    const { code, stderr } = await runWith(
      [...permissionsOf(name, places), "--allow-env=HF_ENDPOINT,HF_HUB_CACHE"],
      ["models", command, "ada/dogs"],
      site.folder,
      env,
    );
    assert.deepEqual([code, stderr], [0, ""], name);
  }
});

Deno.test("decodeImage needs to read, and nothing else", async () => {
  await using folder = await temporaryFolder();
  const script = `
    import { decodeImage } from "${MOD}";
    console.log((await decodeImage(await Deno.readFile(Deno.args[0]), "image")).width);
  `;
  await Deno.writeTextFile(`${folder.path}/script.ts`, script);
  for (const name of ["rgb.png", "rgb.jpg"]) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--allow-read", `${folder.path}/script.ts`],
        fileURLToPath(new URL(`../fixtures/images/${name}`, import.meta.url)),
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([code, decoder.decode(stderr)], [0, ""]);
    assert.match(decoder.decode(stdout), /^\d+\n$/);
  }
});
