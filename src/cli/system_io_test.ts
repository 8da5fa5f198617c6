import assert from "node:assert/strict";
import { userCacheFolder } from "./system_io.ts";

Deno.test({
  name: "userCacheFolder is where the system keeps caches",
  ignore: Deno.build.os === "windows",
  fn() {
    const env: Record<string, string> = { HOME: "/home/ada" };
    assert.equal(userCacheFolder("linux", (name) => env[name]), "/home/ada/.cache/peekaboo");
    assert.equal(
      userCacheFolder("darwin", (name) => env[name]),
      "/home/ada/Library/Caches/peekaboo",
    );
    env.XDG_CACHE_HOME = "/var/cache/ada";
    assert.equal(userCacheFolder("linux", (name) => env[name]), "/var/cache/ada/peekaboo");
  },
});
