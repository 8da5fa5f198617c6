import assert from "node:assert/strict";
import { join } from "node:path";
import { openBeside } from "./model_source.ts";

/** A folder `model` with a file `w`, and a file `secret` beside the folder. */
async function layout() {
  const root = await Deno.makeTempDir();
  const folder = join(root, "model");
  await Deno.mkdir(join(folder, "below"), { recursive: true });
  await Deno.writeFile(join(folder, "w"), new Uint8Array([1, 2, 3]));
  await Deno.writeFile(join(root, "secret"), new Uint8Array(3));
  return {
    root,
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** Opens a file, and gives its bytes or the reason against it. */
async function outcome(folder: string, path: string): Promise<string> {
  const opened = await openBeside(folder, path);
  return typeof opened === "string" ? opened : opened.read(0, opened.size).join();
}

Deno.test("openBeside() opens files of the folder, links within it too", async () => {
  await using place = await layout();
  const { root, folder } = place;
  await Deno.symlink("../w", join(folder, "below", "link"));
  assert.equal(await outcome(folder, "w"), "1,2,3");
  assert.equal(await outcome(folder, "below/link"), "1,2,3");
  // The folder itself may be reached by any path.
  await Deno.symlink(folder, join(root, "other"));
  assert.equal(await outcome(join(root, "other"), "w"), "1,2,3");
});

Deno.test("openBeside() refuses files that are not, or may not be, in the folder", async () => {
  await using place = await layout();
  const { root, folder } = place;
  await Deno.symlink("../secret", join(folder, "symlink"));
  await Deno.symlink("nowhere", join(folder, "dangling"));
  await Deno.symlink(root, join(folder, "up"));
  await Deno.link(join(root, "secret"), join(folder, "hard"));
  await new Deno.Command("mkfifo", { args: [join(folder, "pipe")] }).output();
  const wrong = {
    missing: "is missing",
    "w/x": "is missing",
    dangling: "is missing",
    symlink: "leads out of the graph's folder",
    "up/secret": "leads out of the graph's folder",
    "../secret": "leads out of the graph's folder",
    hard: "is a hard link, which may lead out of the graph's folder",
    below: "is not a regular file",
    pipe: "is not a regular file",
  };
  for (const [path, reason] of Object.entries(wrong)) {
    assert.equal(await outcome(folder, path), reason, path);
  }
});

Deno.test("openBeside() follows a snapshot's links to the blobs of its repository only", async () => {
  const root = await Deno.makeTempDir();
  for (const repository of ["mine", "other"]) {
    await Deno.mkdir(join(root, repository, "blobs"), { recursive: true });
    await Deno.writeFile(join(root, repository, "blobs", "hash"), new Uint8Array([4, 2]));
  }
  const folder = join(root, "mine", "snapshots", "commit", "unet");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.symlink("../../../blobs/hash", join(folder, "weights.pb"));
  await Deno.symlink("../../../../other/blobs/hash", join(folder, "foreign.pb"));
  assert.equal(await outcome(folder, "weights.pb"), "4,2");
  assert.equal(await outcome(folder, "foreign.pb"), "leads out of the graph's folder");
  await Deno.remove(root, { recursive: true });
});
