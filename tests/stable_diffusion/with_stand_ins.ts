import type { Backend } from "../../src/backend/backend.ts";
import type { DiffusionModel } from "../../src/diffusion/model.ts";
import { loadModelOn } from "../../src/models/load_model.ts";
import { openModel } from "../../src/models/open_model.ts";
import { noAdapter, openTestBackend } from "../backends.ts";
import { temporaryFolder } from "../cli/run.ts";
import { type Layout, LAYOUTS } from "./graphs.ts";
import { writeStandIn } from "./stand_in.ts";

/** Options of {@link withStandIns}. */
export interface StandInsOptions {
  /** Side of the latents, an eighth of the images'. The default is 64. */
  readonly sampleSize?: number | undefined;
  /** Devices that check them. The default is all. */
  readonly devices?: readonly Backend["device"][] | undefined;
}

/**
 * Checks a small stand-in in every layout on every backend, each in a step of a test, which is
 * ignored if the machine lacks the backend. The first is in diffusers' layout on the CPU.
 */
export async function withStandIns(
  t: Deno.TestContext,
  { sampleSize, devices = ["cpu", "webgpu"] }: StandInsOptions,
  check: (model: DiffusionModel, layout: Layout) => Promise<void>,
): Promise<void> {
  for (const layout of LAYOUTS) {
    await using folder = await temporaryFolder();
    await writeStandIn(folder.path, { size: "small", layout, sampleSize });
    for (const device of devices) {
      await t.step({
        name: `${layout} on ${device}`,
        ignore: device === "webgpu" && noAdapter,
        async fn() {
          const backend = await openTestBackend(device);
          await using model = await loadModelOn(backend, await openModel(folder.path));
          await check(model, layout);
        },
      });
    }
  }
}
