import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { fileError, statIfThere } from "./file_error.ts";

Deno.test("fileError() gives the system's reason without the path", async () => {
  const caught = await Deno.stat("no-such-file").catch((error) => error);
  const error = fileError('Cannot read "no-such-file"', caught, "check the path");
  assert.ok(refusal(/^Cannot read "no-such-file": no such file or directory$/)(error));
});

Deno.test("fileError() returns a bug as it is", () => {
  const bug = new TypeError("a bug");
  assert.equal(fileError("Cannot read", bug, "check the path"), bug);
});

Deno.test("statIfThere() gives nothing where nothing lies", async () => {
  const path = await Deno.makeTempFile();
  assert.ok((await statIfThere(path, "check the path"))?.isFile);
  for (const missing of [`${path}-none`, `${path}/inside`]) {
    assert.equal(await statIfThere(missing, "check the path"), undefined);
  }
  await Deno.remove(path);
});

Deno.test("statIfThere() asks for Deno's read permission", { permissions: "none" }, async () => {
  await assert.rejects(
    statIfThere("x", "check the path"),
    refusal(/^Cannot read "x": Deno requires read access to "/),
  );
});
