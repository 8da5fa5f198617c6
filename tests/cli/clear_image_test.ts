/** Images with transparency, and images whose colours are not sRGB, as a user gives them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readJpeg } from "../../src/image/jpeg.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { runIn } from "./fake_io.ts";
import { temporaryFolder } from "./run.ts";

const REPORTS = new URL("../fixtures/images/reports/", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, REPORTS));
const FEW = ["--iterations", "1", "--device", "cpu", "-o", "."];

Deno.test("a cutout has the input's colours and is nowhere more opaque; --ground shows below", async () => {
  await using folder = await temporaryFolder();
  const args = ["--emit", "cutout,overlay", "--threshold", "0", "--ground", "#0000ff", "--json"];
  const image = path("clear-strawberry.png");
  // A threshold of 0 puts everything into the mask, which the exit code says.
  const { code, stdout, stderr } = await runIn(
    ["segment", image, "a strawberry", ...args, ...FEW],
    folder.path,
  );
  assert.equal(code, 4, stderr);
  assert.equal(JSON.parse(stdout).settings.ground, "#0000ff");
  const input = await decodeImage(await Deno.readFile(image));
  const read = async (kind: string) =>
    await decodeImage(
      await Deno.readFile(`${folder.path}/clear-strawberry.a-strawberry.${kind}.png`),
    );
  assert.deepEqual(await read("cutout"), input);
  const overlay = await read("overlay");
  const clear = input.data.findIndex((value, i) => i % 4 === 3 && value === 0);
  assert(clear > 0);
  const [red, , blue] = overlay.data.subarray(3 * (clear - 3) / 4);
  assert(blue > red, "blue shines through");
});

Deno.test("an image that hides on its ground, or whose profile is broken, gets a line", async () => {
  await using folder = await temporaryFolder();
  const lines = async (image: string, ...args: string[]) => {
    const { stderr } = await runIn(["segment", image, "a ball", ...args, ...FEW], folder.path);
    return stderr;
  };
  const white = path("white-on-clear.png");
  assert.match(await lines(white), /^warning: The image has the colours of the ground/m);
  assert.doesNotMatch(await lines(white, "--ground", "grey"), /ground/);

  const whole = await Deno.readFile(path("adobergb.jpg"));
  const profile = readJpeg(whole).profile!;
  const at = whole.findIndex((_, i) => profile.every((byte, k) => whole[i + k] === byte));
  whole.fill(0, at + 36, at + 40);
  await Deno.writeFile(`${folder.path}/broken.jpg`, whole);
  assert.match(
    await lines("broken.jpg"),
    /^warning: Cannot apply the colour profile of image "broken.jpg": colours are taken as sRGB$/m,
  );
});

Deno.test("an unknown ground is refused", async () => {
  await using folder = await temporaryFolder();
  for (const ground of ["red", "#12345", "#1234567"]) {
    const { code, stderr } = await runIn(
      ["segment", path("adobergb.jpg"), "a cat", "--ground", ground],
      folder.path,
    );
    assert.equal(code, 2);
    assert.match(stderr, /--ground.*white, grey, checker, or #rrggbb/s);
  }
});
