import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";
import type { ClipGraphName, ClipModel } from "../clip/clip_model.ts";
import { checkJson } from "../files/check_json.ts";
import { type CompanionOptions, companionSource } from "./companion_source.ts";
import { readGraphFile } from "./graph_file.ts";
import { modelDigest } from "../catalog/integrity.ts";
import type { ModelSource } from "./model_source.ts";
import { inFloat32 } from "./precision.ts";
import { readImageInput } from "./read_image_input.ts";
import type { RemoteManifest } from "../catalog/remote_manifest.ts";
import { subSource } from "./sub_source.ts";
import { readTokenizerFiles } from "./tokenizer_files.ts";

/** Where an encoder may be in a folder. */
const places = (name: ClipGraphName) => [
  `${name}/model.onnx`,
  `${name}/${name}.onnx`,
  `${name}.onnx`,
  `onnx/${name}.onnx`,
];

/** CLIP's own parameter is never above ln 100, and that is what its trained models have. */
const LOGIT_SCALE = Math.log(100);

/** What transformers writes by default: where training began, ln 1/0.07, not where it ended. */
const INITIAL_LOGIT_SCALE = 2.6592;

const CONFIG = v.object({
  logit_scale_init_value: v.optional(
    v.pipe(v.number(), v.finite("a number"), v.maxValue(20, "a logarithm of at most 20")),
  ),
});

/**
 * Opens CLIP by its id or its folder: text and image encoder, each with its projection, as `optimum`
 * exports them (`text_model.onnx`, `vision_model.onnx`, there or in `onnx/`) or in folders of their own
 * (`text_model/model.onnx`, `vision_model/model.onnx`); `preprocessor_config.json`, and maybe
 * `config.json` and a tokenizer.
 *
 * @param name Id of a known CLIP, or the path of a folder.
 * @throws {UserError} There is no such model or folder, a file is missing or broken, or cannot be
 * downloaded.
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
  const { source, manifest } = await companionSource(name, "clip", options);
  return await openClipSource(name, source, manifest);
}

/** The same for files that were found. */
export async function openClipSource(
  id: string,
  source: ModelSource,
  manifest?: RemoteManifest,
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
    graph: async (name) => inFloat32(await readGraphFile(source, paths[name])),
  };
}

async function readLogitScale(source: ModelSource): Promise<number> {
  const path = "config.json";
  if (!await source.has(path)) return LOGIT_SCALE;
  const text = new TextDecoder().decode(await source.read(path));
  const { logit_scale_init_value: scale = LOGIT_SCALE } = checkJson(CONFIG, text, path);
  return scale === INITIAL_LOGIT_SCALE ? LOGIT_SCALE : scale;
}

/** The first place where an encoder is. */
async function firstThere(source: ModelSource, name: ClipGraphName): Promise<string> {
  for (const path of places(name)) if (await source.has(path)) return path;
  throw new UserError(
    `${source.label} is no CLIP: no ${name}.onnx in it`,
    "wanted text_model.onnx and vision_model.onnx with their projections, see models/README.md",
  );
}
