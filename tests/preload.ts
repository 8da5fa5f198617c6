/**
 * Runs before every test file. Without XDG_RUNTIME_DIR Mesa complains on standard error; any folder
 * that exists will do, since it writes nothing there. Examples say what holds with `console.assert`, which by itself only
 * prints: here it throws, so that an example that is wrong fails.
 *
 * @module
 */
import { tmpdir } from "node:os";

if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());

console.assert = (condition, ...message) => {
  if (!condition) throw new Error(`Assertion failed ${message.join(" ")}`.trim());
};
