/** The program and the library straight from a URL, without a clone. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { filesIn } from "../cli/run.ts";
import { EMBEDDED } from "../embedded_model.ts";
import { serveRepository } from "./site.ts";
import { newVisitor } from "./visitor.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const SEGMENT = ["segment", IMAGE, "a dog", "--iterations", "2", "--device", "cpu", "--quiet"];
const { id, source: { files: MODEL_FILES } } = EMBEDDED;
const UNET = MODEL_FILES.find(({ path }) => path === "unet/model.onnx")!;
const UNET_URL = `models/${id}/unet/model.onnx`;

/** Where the cache keeps a file of the model. */
const cached = ({ sha256 }: typeof UNET) => `peekaboo/models/${sha256}`;
// The visitor's cache folder is where Linux has it.
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "segment runs from a URL; the model is downloaded once, and again where it is damaged",
  ignore,
  async fn() {
    await using site = serveRepository();
    await using visitor = await newVisitor();
    const segment = async () => {
      site.forget();
      const { code, stdout, stderr } = await visitor.run(site.mod, ...SEGMENT);
      assert.deepEqual([code, stdout, stderr], [0, "", ""]);
      return site.requests();
    };

    const asked = new Set(await segment());
    assert.deepEqual(await filesIn(visitor.folder), [
      "peekaboo-out/rgb.a-dog.alpha.png",
      "peekaboo-out/rgb.a-dog.cutout.png",
      "peekaboo-out/rgb.a-dog.mask.png",
      "peekaboo-out/rgb.a-dog.overlay.png",
      "peekaboo-out/rgb.json",
    ]);
    const downloaded = MODEL_FILES.filter(({ path }) => asked.has(`models/${id}/${path}`));
    assert(downloaded.includes(UNET));
    assert.deepEqual(await filesIn(visitor.cache), downloaded.map(cached).sort());

    assert.deepEqual(await segment(), [], "code and model are cached");

    const path = `${visitor.cache}/${cached(UNET)}`;
    const whole = await Deno.readFile(path);
    await Deno.writeFile(path, whole.with(1000, whole[1000] ^ 1));
    assert.deepEqual(await segment(), [UNET_URL]);
    assert.deepEqual(await Deno.readFile(path), whole);
  },
});

Deno.test({
  name: "a host that limits requests for the model is asked again; for a module, at the next start",
  ignore,
  async fn() {
    await using site = serveRepository();
    await using visitor = await newVisitor();
    const module = "src/cli/main.ts";
    site.limit(module);
    const limited = await visitor.run(site.mod, "--version");
    // Deno's own words, and its own decision not to ask again.
    assert.match(limited.stderr, /^error: [^\n]*src\/cli\/main\.ts[^\n]*429[^\n]*\n/);
    assert.deepEqual([limited.code, limited.stdout], [1, ""]);
    site.forget();
    assert.equal((await visitor.run(site.mod, "--version")).code, 0);
    assert(site.requests().includes(module));
    assert(!site.requests().includes("mod.ts"), "what has arrived is kept");

    site.forget();
    site.limit(UNET_URL);
    const { code, stderr } = await visitor.run(
      site.mod,
      ...SEGMENT.filter((it) => it !== "--quiet"),
    );
    assert.deepEqual([code, stderr], [
      0,
      "warning: the server answered 429; trying again in 1 s\n",
    ]);
    assert.equal(site.requests().filter((path) => path === UNET_URL).length, 2);
  },
});

Deno.test({
  name: "a model that is another than the code expects: one line, exit code 2, nothing left behind",
  ignore,
  async fn() {
    await using site = serveRepository();
    await using visitor = await newVisitor();
    site.replace(UNET_URL, new Uint8Array(UNET.bytes));
    const { code, stdout, stderr } = await visitor.run(site.mod, ...SEGMENT);
    assert.match(
      stderr,
      /^error: Cannot download "http:[^\n]*unet\/model.onnx": the download is damaged: [^\n]*SHA-256[^\n]*\n$/,
    );
    assert.deepEqual([code, stdout], [2, ""]);
    assert.deepEqual(await filesIn(visitor.folder), []);
    const known = new Set(MODEL_FILES.filter((file) => file !== UNET).map(cached));
    for (const file of await filesIn(visitor.cache)) assert(known.has(file), file);
  },
});

Deno.test({
  name: "the library is one import from a URL",
  ignore,
  async fn() {
    await using site = serveRepository();
    await using visitor = await newVisitor();
    const script = `
      import { decodeImage, loadModel, segment } from "${site.mod}";

      await using model = await loadModel("${id}", { device: "cpu" });
      const image = await decodeImage(await Deno.readFile(Deno.args[0]), "image");
      const [{ alpha, iterations }] = await segment(model, image, "a dog", { iterations: 2 });
      console.log(alpha.length === image.width * image.height, iterations);
    `;
    await Deno.writeTextFile(`${visitor.folder}/script.ts`, script);
    const { code, stdout, stderr } = await visitor.run("--check", "script.ts", IMAGE);
    assert.deepEqual([code, stdout, stderr], [0, "true 2\n", ""]);
    assert.deepEqual(await filesIn(visitor.cache), [], "kept only where a cache folder is given");
  },
});
