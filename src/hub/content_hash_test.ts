import assert from "node:assert/strict";
import { gitSha1, sha256 } from "../../tests/hub/answers.ts";
import { bytesOf } from "../../tests/hub/stand_in.ts";
import { hashFile, hashOfEtag } from "./content_hash.ts";

Deno.test("hashOfEtag() knows the hub's two kinds, quoted or weak", () => {
  const [long, short] = ["ab".repeat(32), "cd".repeat(20)];
  assert.deepEqual(hashOfEtag(`"${long}"`), { algorithm: "sha256", hex: long });
  assert.deepEqual(hashOfEtag(`W/"${short.toUpperCase()}"`), { algorithm: "git-sha1", hex: short });
  for (const other of [null, "", '"0x8D9F"', `"${long}-2"`, `../${short}`]) {
    assert.equal(hashOfEtag(other), undefined);
  }
});

Deno.test("hashFile() hashes pieces of a file as the whole", async () => {
  const path = await Deno.makeTempFile();
  const bytes = bytesOf(2_500_000, 3);
  await Deno.writeFile(path, bytes);
  let read = 0;
  assert.equal(await hashFile(path, "sha256", { onBytes: (n) => read += n }), sha256(bytes));
  assert.equal(read, bytes.length);
  assert.equal(await hashFile(path, "git-sha1"), gitSha1(bytes));
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(hashFile(path, "sha256", { signal }), /stopped/);
  await Deno.remove(path);
});
