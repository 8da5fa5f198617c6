/**
 * Downloads: the hub that models come from, its cache, and the options that say how files arrive.
 *
 * @module
 */
export { type Hub, type HubDefaults, hubFromEnvironment } from "../hub/hub.ts";
export type { HubToken } from "../hub/hub_token.ts";
export type { DownloadChoice } from "./download.ts";
export type { PullProgress } from "../catalog/pull.ts";
export type { AssetOptions } from "../catalog/assets.ts";
export type { OpenModelOptions } from "../models/open_model.ts";
export type { CompanionOptions, RemoteOptions } from "../models/open_source.ts";
