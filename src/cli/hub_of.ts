import { type Hub, hubFromEnvironment } from "../models/hub/hub.ts";
import type { Io } from "./io.ts";

/** The hub that the environment asks for. @throws {UserError} As {@link hubFromEnvironment}. */
export function hubOf(io: Io): Promise<Hub> {
  return hubFromEnvironment(io.env, { cacheFolder: io.cacheFolder });
}
