import assert from "node:assert/strict";
import { noAdapter, testAdapter } from "../../tests/backends.ts";
import { temporaryFolder } from "../../tests/cli/run.ts";
import { limitedAdapter } from "../../tests/limited_gpu.ts";
import { diagnose } from "./diagnose.ts";

for (const limit of [128, 64, 37]) {
  Deno.test({
    name: `doctor passes on a driver that refuses more than ${limit} MiB, and says what it refuses`,
    ignore: noAdapter,
    async fn() {
      await using folder = await temporaryFolder();
      const adapter = (await testAdapter())!;
      const given = limitedAdapter(adapter, limit * 2 ** 20);
      const gpu = { requestAdapter: () => Promise.resolve(given.adapter) };
      const { healthy, sections } = await diagnose("webgpu", folder.path, { gpu });
      assert.ok(healthy);
      const { "largest buffer": largest, "what to do": advice } = sections.Backend;
      if (limit === 128 && adapter.limits.maxStorageBufferBindingSize <= 2 ** 27) {
        assert.deepEqual([largest, advice], ["128 MiB", undefined]);
        return;
      }
      assert.match(largest, /^(128|64|32) MiB: .* driver refuses buffers of (256|128|64) MiB: /);
      assert.match(advice, /Resizable BAR .*DENO_WEBGPU_BACKEND=dx12.* `device: "cpu"`$/);
    },
  });
}
