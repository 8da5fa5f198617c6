import type { Backend } from "../backend/backend.ts";
import { BUDGET_HINT, budgetReason } from "../backend/buffer_budget.ts";
import { type Device, openBackend, type OpenBackendOptions } from "../backend/select.ts";
import { UserError } from "../errors.ts";
import { isEmbedded } from "../catalog/manifest.ts";
import { MODELS } from "../catalog/models.ts";
import { DEFAULT_MODEL, loadModelOn } from "../models/load_model.ts";
import { openModel } from "../models/open_model.ts";
import { VERSION } from "../version.ts";
import { type Check, testKernels, testVjp } from "./self_check.ts";

/** The findings of `doctor`. */
export interface Diagnosis {
  /** Facts by section and name. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Results of the self-test on the chosen backend. */
  readonly checks: readonly Check[];
  /** Whether every check passed. */
  readonly healthy: boolean;
  /** The conclusion, in one sentence. */
  readonly verdict: string;
}

/** Limits of a GPU that decide whether a model fits. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupStorageSize",
] as const;

/**
 * Describes the machine, and tests every kernel and one vector-Jacobian product on the backend that
 * `segment` would choose.
 *
 * @param options The source of adapters, if it is not `navigator.gpu`.
 * @throws {UserError} The device does not exist.
 */
export async function diagnose(
  device: Device,
  cacheFolder: string,
  options?: Pick<OpenBackendOptions, "gpu">,
): Promise<Diagnosis> {
  const files = await openModel(DEFAULT_MODEL, { cacheFolder });
  const backend = await openBackend(device, options);
  await using model = await loadModelOn(backend, files);
  const checks = [...await testKernels(backend), await testVjp(model)];
  const failed = checks.filter(({ passed }) => !passed);
  return {
    sections: {
      "Versions": await versions(),
      "Adapter": await adapterFacts(),
      "Backend": {
        chosen: backend.device,
        description: backend.description,
        ...bufferFacts(backend),
      },
      "Models": Object.fromEntries(MODELS.filter(isEmbedded).map(({ id, title }) => [id, title])),
      "Cache": { folder: cacheFolder, holds: await folderSize(cacheFolder) },
      "Self-test": Object.fromEntries(
        checks.map(({ name, error, passed }) => [
          name,
          `${passed ? "ok" : "WRONG"}, relative error ${error.toExponential(1)}`,
        ]),
      ),
    },
    checks,
    healthy: failed.length === 0,
    verdict: failed.length === 0
      ? `All ${checks.length} checks passed on ${backend.device}: segmentation works here`
      : `${failed.length} of ${checks.length} checks failed on ${backend.device}: ` +
        (backend.device === "webgpu" ? 'use `device: "cpu"`' : "results cannot be trusted"),
  };
}

async function versions(): Promise<Record<string, string>> {
  const { env } = await import("npm:onnxruntime-web@1.30.0");
  const sys = await Deno.permissions.query({ name: "sys", kind: "systemMemoryInfo" });
  return {
    peekaboo: VERSION,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    "onnxruntime-web": env.versions.web ?? "unknown",
    system: `${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} processors`,
    memory: sys.state === "granted"
      ? `${(Deno.systemMemoryInfo().total / 2 ** 30).toFixed(1)} GiB`
      : "unknown: Deno has no permission to ask for it",
  };
}

async function adapterFacts(): Promise<Record<string, string>> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { found: "none: without a GPU driver, the CPU backend runs" };
  const { info, limits, features } = adapter;
  return {
    found: info.description || info.vendor || "yes",
    kind: info.isFallbackAdapter ? 'software (used only with `device: "webgpu"`)' : "hardware",
    ...Object.fromEntries(LIMITS.map((name) => [name, limits[name].toLocaleString("en")])),
    features: [...features].sort().join(", "),
  };
}

/** The largest buffer that a GPU gives and, if its driver refuses larger ones, reason and advice. */
function bufferFacts(
  { device, limits }: Pick<Backend, "device" | "limits">,
): Record<string, string> {
  if (device !== "webgpu") return {};
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20).toLocaleString("en")} MiB`;
  const { tensor, refused } = limits;
  if (refused === undefined) return { "largest buffer": mebibytes(tensor) };
  return {
    "largest buffer": `${mebibytes(tensor)}: ${budgetReason(refused)}`,
    "what to do": BUDGET_HINT,
  };
}

/** The size of a folder's files, in megabytes. */
async function folderSize(folder: string): Promise<string> {
  let bytes = 0;
  const visit = async (path: string) => {
    for await (const { name, isDirectory, isFile } of Deno.readDir(path)) {
      if (isDirectory) await visit(`${path}/${name}`);
      else if (isFile) bytes += (await Deno.stat(`${path}/${name}`)).size;
    }
  };
  try {
    await visit(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "nothing yet";
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new UserError(`Cannot read the cache folder "${folder}"`, "set XDG_CACHE_HOME");
    }
    throw error;
  }
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
