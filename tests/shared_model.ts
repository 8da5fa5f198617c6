import type { Backend } from "../src/backend/backend.ts";
import type { DiffusionModel } from "../src/diffusion/model.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { openTestBackend } from "./backends.ts";

const loaded = new Map<Backend["device"], Promise<DiffusionModel>>();

/**
 * The embedded model on a device: loaded once for all tests of a file, and disposed of after them. A
 * test that changes its model, or its backend, loads one of its own.
 */
export function sharedModel(device: Backend["device"]): Promise<DiffusionModel> {
  const load = async () =>
    await loadModelOn(await openTestBackend(device), await openModel("emoji"));
  const model = loaded.get(device) ?? load();
  loaded.set(device, model);
  return model;
}

Deno.test.afterAll(async () => {
  for (const model of loaded.values()) await (await model)[Symbol.asyncDispose]();
});
