import assert from "node:assert/strict";
import { join } from "node:path";
import { userCacheFolder } from "./cache_folder.ts";

Deno.test("userCacheFolder is where each system keeps caches", () => {
  const folder = (os: typeof Deno.build.os, env: Record<string, string>) =>
    userCacheFolder(os, (name) => env[name]);
  const HOME = "/home/ada";
  assert.equal(folder("linux", { HOME }), join(HOME, ".cache/peekaboo"));
  assert.equal(folder("linux", { HOME, XDG_CACHE_HOME: "/x" }), join("/x/peekaboo"));
  assert.equal(folder("darwin", { HOME }), join(HOME, "Library/Caches/peekaboo"));
  assert.equal(folder("windows", { LOCALAPPDATA: "/local" }), join("/local/peekaboo"));
});
