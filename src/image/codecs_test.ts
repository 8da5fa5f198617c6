import assert from "node:assert/strict";
import { isOutOfMemory } from "./codecs.ts";

const dot = { width: 1, height: 1 };

Deno.test("a failed allocation is a lack of memory, a trap only where the image does not fit", () => {
  assert(isOutOfMemory(new RangeError("Array buffer allocation failed"), dot));
  assert(isOutOfMemory(new Error("png: failed to decode (-4)"), dot));
  assert(!isOutOfMemory(new Error("png: failed to decode (-2)"), dot));
  assert(!isOutOfMemory(new WebAssembly.RuntimeError("unreachable"), dot));
  const huge = { width: 2 ** 20, height: 2 ** 20 };
  assert(isOutOfMemory(new WebAssembly.RuntimeError("unreachable"), huge));
});
