import { type Hub, hubFromEnvironment } from "../hub/hub.ts";
import type { Io } from "./io.ts";

/**
 * The hub that the environment asks for: one per process, so that a token the hub refuses is told
 * once, however many models are downloaded.
 *
 * @throws {UserError} As {@link hubFromEnvironment}.
 */
export function hubOf(io: Io, quiet = false): Promise<Hub> {
  let hub = hubs.get(io);
  if (!hub) {
    hub = hubFromEnvironment(io.env, {
      cacheFolder: io.cacheFolder,
      onWarning: (message) => quiet || io.warn(message),
    });
    hubs.set(io, hub);
  }
  return hub;
}

/** A process has one world outside; tests have several. */
const hubs = new WeakMap<Io, Promise<Hub>>();
