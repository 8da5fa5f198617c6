import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";
import type { ClipGraphName, ClipModel } from "../clip/clip_model.ts";
import { checkConfig } from "../files/check_json.ts";
import { refuseQuantised } from "../onnx/quantised.ts";
import { modelDigest } from "../catalog/integrity.ts";
import type { ModelManifest } from "../catalog/manifest.ts";
import { readGraphFile } from "./graph_file.ts";
import { readImageInput, readTokenizerFiles } from "./model_config.ts";
import { type ModelSource, subSource } from "./model_source.ts";
import { type CompanionOptions, openSource } from "./open_source.ts";
import { inFloat32 } from "./precision.ts";

/** The places where a folder may hold an encoder. */
const places = (name: ClipGraphName) => [
  `${name}/model.onnx`,
  `${name}/${name}.onnx`,
  `${name}.onnx`,
  `onnx/${name}.onnx`,
];

/** CLIP's own parameter is at most ln 100, which its trained models have reached. */
const LOGIT_SCALE = Math.log(100);

/** The value that transformers writes by default: ln 1/0.07, where training began, not its end. */
const INITIAL_LOGIT_SCALE = 2.6592;

const CONFIG = v.object({
  logit_scale_init_value: v.optional(
    v.pipe(v.number(), v.finite("a number"), v.maxValue(20, "a logarithm of at most 20")),
  ),
});

/**
 * Opens CLIP by its id or its folder. The folder holds a text and an image encoder with their
 * projections, as `optimum` exports them (`text_model.onnx`, `vision_model.onnx`, there or in `onnx/`)
 * or in folders of their own (`text_model/model.onnx`, `vision_model/model.onnx`);
 * `preprocessor_config.json`; and perhaps `config.json` and a tokenizer.
 *
 * @param name Id of a known CLIP, or the path of a folder.
 * @throws {UserError} The model does not exist, or a file is missing, broken or cannot be downloaded.
 *
 * @example
 * ```ts
 * import { openClipModel } from "./open_clip.ts";
 *
 * const { message } = await openClipModel("midas-v2-1").catch((error) => error);
 * console.assert(message.startsWith('Cannot use "midas-v2-1" as CLIP model'));
 * ```
 */
export async function openClipModel(
  name: string,
  options?: CompanionOptions,
): Promise<ClipModel> {
  const { source, manifest } = await openSource(name, "clip", options);
  return await openClipSource(name, source, manifest);
}

/** Opens CLIP whose files were found. */
export async function openClipSource(
  id: string,
  source: ModelSource,
  manifest?: ModelManifest,
): Promise<ClipModel> {
  const paths = {
    text_model: await firstThere(source, "text_model"),
    vision_model: await firstThere(source, "vision_model"),
  };
  const input = manifest?.input ?? await readImageInput(source);
  const tokenizer = {
    ...await readTokenizerFiles(subSource(source, "tokenizer")),
    ...await readTokenizerFiles(source),
  };
  return {
    id,
    sha256: modelDigest(await source.files()),
    input,
    logitScale: Math.exp(await readLogitScale(source)),
    tokenizer: "tokenizer.json" in tokenizer || "vocab.json" in tokenizer ? tokenizer : undefined,
    graph: async (name) => {
      const file = await readGraphFile(source, paths[name]);
      if (name === "vision_model") refuseQuantised(file.model, "image encoder", file.path);
      return inFloat32(file);
    },
  };
}

/** Whether a folder inside a diffusion model holds CLIP. */
export async function hasClip(source: ModelSource): Promise<boolean> {
  for (const path of ["text_model/model.onnx", "text_model.onnx"]) {
    if (await source.has(path)) return true;
  }
  return false;
}

async function readLogitScale(source: ModelSource): Promise<number> {
  const path = "config.json";
  if (!await source.has(path)) return LOGIT_SCALE;
  const text = new TextDecoder().decode(await source.read(path));
  const { logit_scale_init_value: scale = LOGIT_SCALE } = checkConfig(CONFIG, text, path);
  return scale === INITIAL_LOGIT_SCALE ? LOGIT_SCALE : scale;
}

/** Finds the first place that holds an encoder. */
async function firstThere(source: ModelSource, name: ClipGraphName): Promise<string> {
  for (const path of places(name)) if (await source.has(path)) return path;
  throw new UserError(
    `${source.label} is not a CLIP model: it has no ${name}.onnx`,
    "wanted text_model.onnx and vision_model.onnx with their projections, see models/README.md",
  );
}
