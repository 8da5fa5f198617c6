import { UserError } from "../../errors.ts";
import type { Hub } from "./hub.ts";
import { TransientError } from "./retry.ts";

/** Statuses of servers that are busy, or being repaired. */
const BUSY = [408, 429, 500, 502, 503, 504];

/**
 * What an answer that is not a success means: a {@link TransientError} if the server may do better
 * later, else a mistake in what was asked for, told with the hub's reason (`X-Error-Code`).
 *
 * @param failed What could not be done, e.g. `Cannot find "owner/name"`.
 */
export function answerError(response: Response, failed: string, hub: Hub): Error {
  const { status, headers } = response;
  if (BUSY.includes(status)) return busyError(response, hub);
  switch (headers.get("x-error-code")) {
    case "GatedRepo":
      return new UserError(
        `${failed}: its owner wants its terms accepted first`,
        `accept them on the model's page at ${hub.endpoint.host}, then set HF_TOKEN`,
      );
    case "RevisionNotFound":
      return new UserError(`${failed}: there is no such revision`, "give a branch, tag or commit");
    case "EntryNotFound":
      return new UserError(`${failed}: there is no such file`, "look at the model's page");
  }
  // For whoever may not see a repository, the hub has none: it answers 401.
  if (headers.get("x-error-code") === "RepoNotFound" || status === 401) {
    return hub.token
      ? new UserError(
        `${failed}: there is no such repository for this token`,
        "check owner and name, and what the token in HF_TOKEN may read",
      )
      : new UserError(
        `${failed}: there is no such repository, or it is private`,
        "check owner and name; set HF_TOKEN for a private one",
      );
  }
  const reason = headers.get("x-error-message");
  return new UserError(
    `${failed}: ${hub.endpoint.host} answered ${status}${reason ? `, "${reason}"` : ""}`,
    status === 403 ? "check what the token in HF_TOKEN may read" : "check HF_ENDPOINT and the name",
  );
}

/** A busy server's answer, with how long it asks to wait. */
export function busyError({ status, headers }: Response, hub: Hub): TransientError {
  // The hub's own header: `"api";r=0;t=55`, where t is in seconds.
  const reset = status === 429 ? headers.get("ratelimit")?.match(/\bt=(\d+)/)?.[1] : undefined;
  const after = headers.get("retry-after") ?? reset ?? "0";
  const retryAfter = /^\d+$/.test(after) ? 1000 * Number(after) : Date.parse(after) -
    hub.clock.now();
  return new TransientError(`the server answered ${status}`, {
    retryAfter: Math.max(0, retryAfter || 0),
  });
}
