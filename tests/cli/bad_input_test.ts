import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { fixturePath } from "../fixture_path.ts";
import { copyBareModel } from "../bare_model.ts";
import { runIn } from "./fake_io.ts";
import { copyFolder, filesIn, type Run, run, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const JPEG = fileURLToPath(new URL("../fixtures/images/rgb.jpg", import.meta.url));
const MODEL = fileURLToPath(new URL("../../models/emoji", import.meta.url));

const EXAMPLE = fileURLToPath(new URL("../../examples/penguin-on-plain.png", import.meta.url));
const CLIP = fixturePath("companions/clip");
const DEPTH = ["--variant", "depth-bilateral", "--device", "cpu"];

/** A mistake, what the one line about it must say, and files it needs in the working folder. */
interface Mistake {
  readonly what: string;
  readonly args: readonly string[];
  readonly says: RegExp;
  readonly prepare?: (folder: string) => Promise<void>;
}

const write = (name: string, bytes: Uint8Array) => (folder: string) =>
  Deno.writeFile(`${folder}/${name}`, bytes);

const MISTAKES: readonly Mistake[] = [
  { what: "no arguments", args: ["segment"], says: /missing required argument 'image'/ },
  { what: "no prompt", args: ["segment", IMAGE], says: /missing required argument 'prompt'/ },
  { what: "an unknown command", args: ["segmnt"], says: /unknown command 'segmnt'.*segment/ },
  {
    what: "a missing file",
    args: ["segment", "nowhere.png", "a dog"],
    says: /Cannot read image "nowhere.png": no such file/i,
  },
  { what: "a folder as image", args: ["segment", ".", "a dog"], says: /"\.": it is a folder/ },
  {
    what: "a text file named .png",
    args: ["segment", "text.png", "a dog"],
    says: /"text.png": it is not a PNG, JPEG or GIF/,
    prepare: write("text.png", new TextEncoder().encode("This is no image.")),
  },
  {
    what: "an empty file",
    args: ["segment", "empty.png", "a dog"],
    says: /"empty.png": the file is empty/,
    prepare: write("empty.png", new Uint8Array()),
  },
  {
    what: "a truncated PNG",
    args: ["segment", "cut.png", "a dog"],
    says: /"cut.png": its PNG data is damaged or cut short/,
    prepare: async (folder) => write("cut.png", await half(IMAGE))(folder),
  },
  {
    what: "a truncated JPEG",
    args: ["segment", "cut.jpg", "a dog"],
    says: /"cut.jpg": its JPEG data is damaged or cut short/,
    prepare: async (folder) => write("cut.jpg", await half(JPEG, 0.8))(folder),
  },
  {
    what: "a header of 30,000 × 30,000 pixels",
    args: ["segment", "huge.png", "a dog"],
    says: /30000×30000 pixels are more than the limit/,
    prepare: async (folder) => {
      const bytes = await Deno.readFile(IMAGE);
      new DataView(bytes.buffer).setUint32(16, 30_000);
      new DataView(bytes.buffer).setUint32(20, 30_000);
      new DataView(bytes.buffer).setUint32(29, crc32(bytes.subarray(12, 29)));
      await Deno.writeFile(`${folder}/huge.png`, bytes);
    },
  },
  { what: "an empty prompt", args: ["segment", IMAGE, ""], says: /Prompt 1 is empty/ },
  {
    what: "an empty second prompt",
    args: ["segment", IMAGE, "a dog", "  "],
    says: /Prompt 2 is empty/,
  },
  {
    what: "a prompt of another script",
    args: ["segment", IMAGE, "a dog", "猫", "--device", "cpu"],
    says: /Cannot read prompt "猫": the model's tokenizer knows none of its characters/,
  },
  {
    what: "a mean with an emoji",
    args: ["segment", IMAGE, "a dog", "😀", "--mean", "--device", "cpu"],
    says: /Cannot read prompt "😀"/,
  },
  {
    what: "a prompt of another script for CLIP",
    args: ["segment", IMAGE, "قطة", "--loss", "clip", "--device", "cpu"],
    says: /Cannot read prompt "قطة"/,
  },
  {
    what: "a prompt without visible characters",
    args: ["segment", IMAGE, "a dog", "\u200b\u0007"],
    says: /Prompt 2 has no visible character/,
  },
  {
    what: "an emoji to generate",
    args: ["generate", "😀", "--device", "cpu"],
    says: /Cannot read prompt "😀"/,
  },
  {
    what: "an emoji to sample",
    args: ["sample", "😀", "--device", "cpu"],
    says: /Cannot read prompt "😀"/,
  },
  {
    what: "a grid with a background of another script",
    args: ["grid", "--foreground", "a dog", "--background", "猫", "--device", "cpu"],
    says: /Cannot read prompt "猫"/,
  },
  {
    what: "an ablation of another script",
    args: ["ablate", "blur", IMAGE, "猫", "--device", "cpu"],
    says: /Cannot read prompt "猫"/,
  },
  {
    what: "a second image instead of a prompt",
    args: ["segment", IMAGE, "second.jpg", "a cat"],
    says: /"second.jpg" is a file: give one image per call/,
    prepare: write("second.jpg", new Uint8Array(1)),
  },
  {
    what: "a prompt before the image",
    args: ["segment", "a cat", "second.jpg"],
    says: /"second.jpg" is a file: give the image first/,
    prepare: write("second.jpg", new Uint8Array(1)),
  },
  {
    what: "a second image to ablate",
    args: ["ablate", "lambda", IMAGE, "second.jpg"],
    says: /"second.jpg" is a file: give one image per call/,
    prepare: write("second.jpg", new Uint8Array(1)),
  },
  {
    what: "several images to ablate",
    args: ["ablate", "lambda", IMAGE, "second.jpg", "a cat"],
    says: /too many arguments.*\(give one image, and a prompt of several words in quotes\)/,
  },
  {
    what: "a folder instead of a prompt",
    args: ["segment", IMAGE, "cat"],
    says: /"cat" is a folder: wanted a prompt \(if the word is meant, write "the cat"\)/,
    prepare: (folder) => Deno.mkdir(`${folder}/cat`),
  },
  {
    what: "a pattern that no file matches instead of a prompt",
    args: ["segment", IMAGE, "*.jpg"],
    says: /"\*\.jpg" is the name of an image: wanted a prompt/,
  },
  {
    what: "an image to generate",
    args: ["generate", "a cat", "second.jpg"],
    says: /"second.jpg" is a file: wanted a prompt \(say it in words/,
    prepare: write("second.jpg", new Uint8Array(1)),
  },
  {
    what: "an image to sample",
    args: ["sample", IMAGE],
    says: /rgb.png" is a file: wanted a prompt/,
  },
  {
    what: "an image to sample without",
    args: ["sample", "a cat", "--negative-prompt", "none.webp"],
    says: /"none.webp" is the name of an image: wanted a prompt/,
  },
  {
    what: "an image as background of a grid",
    args: ["grid", "--foreground", "a dog", "--background", "none.png"],
    says: /"none.png" is the name of an image: wanted a prompt/,
  },
  {
    what: "a prompt that starts with a dash",
    args: ["segment", IMAGE, "-a cat"],
    says: /Unknown option "-a cat" \(put -- before a prompt that starts with a dash\)/,
  },
  {
    what: "a prompt that would be taken for a folder and its option",
    args: ["segment", IMAGE, "a dog", "-orange car"],
    says: /Unknown option "-orange car" \(put -- before/,
  },
  {
    what: "a prompt of one word that starts with dashes",
    args: ["generate", "--cat"],
    says: /unknown option '--cat' \(put -- before/,
  },
  {
    what: "a foreground that starts with a dash",
    args: ["grid", "--foreground", "a dog", "-b", "--background", "a cat"],
    says: /unknown option '-b' \(write a prompt that starts with a dash as --foreground="-…"/,
  },
  {
    what: "an unknown option",
    args: ["segment", IMAGE, "a dog", "--iteratoins", "3"],
    says: /unknown option '--iteratoins'.*--iterations/,
  },
  {
    what: "an unknown model",
    args: ["segment", IMAGE, "a dog", "--model", "sd-9"],
    says: /Unknown model "sd-9".*emoji/,
  },
  {
    what: "a folder without unet",
    args: ["segment", IMAGE, "a dog", "--model", "model"],
    says: /unet\/model\.onnx/,
    prepare: async (folder) => {
      await copyFolder(MODEL, `${folder}/model`);
      await Deno.remove(`${folder}/model/unet`, { recursive: true });
    },
  },
  {
    what: "a corrupt ONNX file",
    args: ["segment", IMAGE, "a dog", "--model", "model"],
    says: /vae_encoder\/model\.onnx/,
    prepare: async (folder) => {
      await copyFolder(MODEL, `${folder}/model`);
      const path = `${folder}/model/vae_encoder/model.onnx`;
      await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, 5000));
    },
  },
  {
    what: "a mask of 7 pixels",
    args: ["segment", IMAGE, "a dog", "--size", "7"],
    says: /--size.*'7' is invalid.*a whole number from 16 to 2048, a multiple of 8/,
  },
  {
    what: "an init that is neither a word nor a file",
    args: ["segment", IMAGE, "a dog", "--init", "nosie"],
    says: /Cannot read image "nosie".*\(give noise, blurred-noise, constant, or an image\)/,
  },
  {
    what: "an init that is no image",
    args: ["segment", IMAGE, "a dog", "--init", "text.png"],
    says: /"text.png": it is not a PNG, JPEG or GIF/,
    prepare: write("text.png", new TextEncoder().encode("This is no image.")),
  },
  {
    what: "a threshold of 2",
    args: ["segment", IMAGE, "a dog", "--threshold", "2"],
    says: /--threshold.*'2' is invalid.*from 0 to 1/,
  },
  {
    what: "timesteps the wrong way round",
    args: ["segment", IMAGE, "a dog", "--t-min", "500", "--t-max", "400"],
    says: /tMin ≤ tMax/,
  },
  {
    what: "an unknown variant",
    args: ["segment", IMAGE, "a dog", "--variant", "magic"],
    says: /'magic' is invalid.*rgb-bilateral/,
  },
  {
    what: "a frequency scale of 0",
    args: ["segment", IMAGE, "a dog", "--variant", "fourier", "--frequency-scale", "0"],
    says: /--frequency-scale.*'0' is invalid.*a number above 0 up to 1000/,
  },
  {
    what: "a network over more pixels than memory holds",
    args: [
      "segment",
      IMAGE,
      "a dog",
      "--variant",
      "fourier",
      "--size",
      "2048",
      "--device",
      "cpu",
    ],
    says: /1 × 2048×2048 pixels need more than the 4 GB.*smaller --size, .* or --device webgpu\)/,
  },
  {
    what: "a prompt that is exclusive by itself",
    args: ["segment", IMAGE, "a dog", "--exclusive"],
    says: /Cannot make 1 prompt exclusive: wanted 2 to 255/,
  },
  {
    what: "a mean that is exclusive",
    args: ["segment", IMAGE, "a dog", "a cat", "--exclusive", "--mean"],
    says: /'--exclusive' cannot be used with option '--mean'/,
  },
  {
    what: "depth bilateral without any depth",
    args: ["segment", IMAGE, "a dog", "--variant", "depth-bilateral", "--model", "bare"],
    says: /has no depth network of its own.*\(give --depth-model or --depth-map\)/,
    prepare: (folder) => copyBareModel(`${folder}/bare`),
  },
  {
    what: "a depth map of another size",
    args: ["segment", IMAGE, "a dog", ...DEPTH, "--depth-map", EXAMPLE],
    says: /Depth map "\S+" has 256×256 pixels: wanted the image's 24×16/,
  },
  {
    what: "a depth map that is no image",
    args: ["segment", IMAGE, "a dog", ...DEPTH, "--depth-map", "text.png"],
    says: /"text.png": it is not a PNG, JPEG or GIF/,
    prepare: write("text.png", new TextEncoder().encode("This is no image.")),
  },
  {
    what: "a depth map for a variant that does not look at it",
    args: ["segment", IMAGE, "a dog", "--variant", "raster", "--depth-map", IMAGE],
    says: /Cannot use --depth-map with raster: only depth-bilateral looks at depth/,
  },
  {
    what: "a depth map and a depth model",
    args: ["segment", IMAGE, "a dog", ...DEPTH, "--depth-map", IMAGE, "--depth-model", "x"],
    says: /'--depth-model <id\|folder>' cannot be used with option '--depth-map <image>'/,
  },
  {
    what: "an unknown depth model",
    args: ["segment", IMAGE, "a dog", ...DEPTH, "--depth-model", "midas"],
    says: /Unknown depth model "midas".*midas-v2-1-small/,
  },
  {
    what: "a depth model that is another network",
    args: ["segment", IMAGE, "a dog", ...DEPTH, "--depth-model", "depth"],
    says: /Depth model "depth" must give one number per pixel.*latent_parameters/,
    prepare: async (folder) => {
      await copyFolder(`${MODEL}/vae_encoder`, `${folder}/depth`);
      const config = { size: 64, image_mean: [0, 0, 0], image_std: [1, 1, 1] };
      const path = `${folder}/depth/preprocessor_config.json`;
      await Deno.writeTextFile(path, JSON.stringify(config));
    },
  },
  {
    what: "the loss clip without any CLIP",
    args: ["segment", IMAGE, "a dog", "--loss", "clip", "--model", "bare"],
    says: /has no CLIP of its own.*\(give --clip-model\)/,
    prepare: (folder) => copyBareModel(`${folder}/bare`),
  },
  {
    what: "a CLIP for a loss that does not ask it",
    args: ["segment", IMAGE, "a dog", "--clip-model", CLIP],
    says: /Cannot use --clip-model: only the loss clip asks CLIP \(add --loss clip\)/,
  },
  {
    what: "an unknown loss",
    args: ["segment", IMAGE, "a dog", "--loss", "magic"],
    says: /'magic' is invalid.*sds, clip/,
  },
  {
    what: "an unknown CLIP",
    args: ["segment", IMAGE, "a dog", "--loss", "clip", "--clip-model", "vit"],
    says: /Unknown CLIP model "vit".*clip-vit-b-32/,
  },
  {
    what: "a depth model as CLIP",
    args: ["segment", IMAGE, "a dog", "--loss", "clip", "--clip-model", "midas-v2-1"],
    says: /Cannot use "midas-v2-1" as CLIP model: it is one for depth/,
  },
  {
    what: "a CLIP folder whose encoders give something else",
    args: ["segment", IMAGE, "a dog", "--loss", "clip", "--clip-model", "clip"],
    says: /CLIP's image encoder must give image_embeds; it gives inverse_depth/,
    prepare: async (folder) => {
      await copyFolder(CLIP, `${folder}/clip`);
      const depth = `${CLIP}/../depth/model.onnx`;
      await Deno.copyFile(depth, `${folder}/clip/vision_model/model.onnx`);
    },
  },
  {
    what: "a CLIP folder whose text encoder has no projection",
    args: ["segment", IMAGE, "a dog", "--loss", "clip", "--clip-model", "clip"],
    says: /CLIP's text encoder must give text_embeds; it gives last_hidden_state/,
    prepare: async (folder) => {
      await copyFolder(CLIP, `${folder}/clip`);
      const text = `${MODEL}/text_encoder/model.onnx`;
      await Deno.copyFile(text, `${folder}/clip/text_model/model.onnx`);
    },
  },
  {
    what: "a CLIP folder that says images are larger than they are",
    args: ["segment", IMAGE, "a dog", "--loss", "clip", "--clip-model", "clip"],
    says: /CLIP's image encoder takes images of 48×48 pixels; preprocessor_config.json says 64×64/,
    prepare: async (folder) => {
      await copyFolder(CLIP, `${folder}/clip`);
      const path = `${folder}/clip/preprocessor_config.json`;
      const config = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify({ ...config, size: 64 }));
    },
  },
  {
    what: "an unknown kind of file",
    args: ["segment", IMAGE, "a dog", "--emit", "mask,gif"],
    says: /'mask,gif' is invalid.*found "gif"/,
  },
  {
    what: "a file where the output folder should be",
    args: ["segment", IMAGE, "a dog", "--out", "taken"],
    says: /output folder "taken"/,
    prepare: write("taken", new Uint8Array(1)),
  },
  {
    what: "an output folder below a file",
    args: ["segment", IMAGE, "a dog", "--out", "taken/deep/out"],
    says: /output folder "taken\/deep\/out"/,
    prepare: write("taken", new Uint8Array(1)),
  },
  { what: "no prompt to sample", args: ["sample"], says: /missing required argument 'prompt'/ },
  { what: "an empty prompt to sample", args: ["sample", "a dog", ""], says: /Prompt 2 is empty/ },
  {
    what: "an unknown scheduler",
    args: ["sample", "a dog", "--scheduler", "euler"],
    says: /'euler' is invalid.*ddim, pndm/,
  },
  {
    what: "no steps",
    args: ["sample", "a dog", "--steps", "0"],
    says: /--steps.*'0' is invalid.*a whole number from 1 to 1000/,
  },
  {
    what: "more steps than the schedule has",
    args: ["sample", "a dog", "--steps", "1000"],
    says: /Cannot take 1000 steps.*at most 999 steps/,
  },
  {
    what: "images of a size the model cannot make",
    args: ["sample", "a dog", "--size", "128"],
    says: /latents of 16×16 only.*32×32/,
  },
  {
    what: "a folder without decoder",
    args: ["sample", "a dog", "--model", "model"],
    says: /lacks vae_decoder\/model\.onnx/,
    prepare: async (folder) => {
      await copyFolder(MODEL, `${folder}/model`);
      await Deno.remove(`${folder}/model/vae_decoder`, { recursive: true });
    },
  },
  { what: "no prompt to generate", args: ["generate"], says: /missing required argument 'prompt'/ },
  { what: "an empty prompt to generate", args: ["generate", " "], says: /Prompt 1 is empty/ },
  {
    what: "an unknown way to express an image",
    args: ["generate", "a dog", "--image-param", "vector"],
    says: /'vector' is invalid.*fourier, raster/,
  },
  {
    what: "an image of 7 pixels",
    args: ["generate", "a dog", "--size", "7"],
    says: /--size.*'7' is invalid.*a whole number from 16 to 2048, a multiple of 8/,
  },
  {
    what: "an image of more pixels than memory holds",
    args: ["generate", "a dog", "--size", "2048", "--device", "cpu"],
    says: /2 × 2048×2048 pixels need more than the 4 GB/,
  },
  {
    what: "a film without iterations between its frames",
    args: ["generate", "a dog", "--timelapse-every", "0"],
    says: /--timelapse-every.*'0' is invalid.*a whole number from 1/,
  },
  {
    what: "a file where the folder of what is generated should be",
    args: ["generate", "a dog", "--out", "taken"],
    says: /output folder "taken"/,
    prepare: write("taken", new Uint8Array(1)),
  },
  {
    what: "a grid without background",
    args: ["grid", "--foreground", "a dog"],
    says: /required option '--background <prompt...>' not specified/,
  },
  {
    what: "a grid with an empty background",
    args: ["grid", "--foreground", "a dog", "--background", "a tree", " "],
    says: /Prompt 2 is empty/,
  },
  {
    what: "a template without background",
    args: ["grid", "--foreground", "a dog", "--background", "a tree", "--template", "{foreground}"],
    says: /Invalid template "\{foreground\}": wanted \{background\} in it/,
  },
  { what: "an unknown device", args: ["doctor", "--device", "tpu"], says: /'tpu' is invalid/ },
];

/** Mistakes that a process of its own makes: one found by commander, and two by a command. */
const IN_A_PROCESS = ["an unknown command", "a text file named .png", "no steps"];

/** Fails unless the command line answers a mistake as it should, run in the mistake's folder. */
async function check(
  { args, says, prepare }: Mistake,
  start: (args: readonly string[], folder: string) => Promise<Run>,
) {
  await using folder = await temporaryFolder();
  await prepare?.(folder.path);
  const before = await filesIn(folder.path);
  const { code, stdout, stderr } = await start(args, folder.path);
  assert.match(stderr, says);
  assert.match(stderr, /^error: [^\n]+\n$/, "one line");
  assert.equal(stdout, "");
  assert.equal(code, 2);
  assert.deepEqual(await filesIn(folder.path), before);
}

for (const mistake of MISTAKES) {
  Deno.test(`${mistake.what}: one line, exit code 2, nothing left behind`, async () => {
    await check(mistake, runIn);
  });
}

for (const mistake of MISTAKES.filter(({ what }) => IN_A_PROCESS.includes(what))) {
  Deno.test(`${mistake.what}: so does a process of its own`, async () => {
    await check(mistake, run);
  });
}

async function half(path: string, fraction = 0.5): Promise<Uint8Array> {
  const bytes = await Deno.readFile(path);
  return bytes.subarray(0, Math.floor(fraction * bytes.length));
}
