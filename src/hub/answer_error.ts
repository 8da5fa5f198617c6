import { UserError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { Hub } from "./hub.ts";
import { TransientError } from "./retry.ts";

/** Statuses of servers that are busy, or being repaired. */
const BUSY = [408, 429, 500, 502, 503, 504];

/** Whether a server that answers this may do better later. */
export function isBusy({ status }: Response): boolean {
  return BUSY.includes(status);
}

/**
 * What an answer that is not a success means: a {@link TransientError} if the server may do better
 * later, else a mistake in what was asked for, told with the hub's reason (`X-Error-Code`).
 *
 * @param failed What could not be done, e.g. `Cannot find "owner/name"`.
 */
export function answerError(response: Response, failed: string, hub: Hub): Error {
  const { status } = response;
  if (isBusy(response)) return busyError(response, hub.clock);
  const { found, hint } = refusal(response, hub);
  if (!hub.token?.refused || ![401, 403, 404].includes(status)) {
    return new UserError(`${failed}: ${found}`, hint);
  }
  const { source } = hub.token;
  return new UserError(
    `${failed}: ${found}; the token in ${source} is invalid`,
    `put a valid token in ${source}, or remove it; ${hint}`,
  );
}

/** What the server found, and what to do about it. */
function refusal({ status, headers }: Response, hub: Hub): { found: string; hint: string } {
  const token = hub.token?.refused ? undefined : hub.token;
  switch (headers.get("x-error-code")) {
    case "GatedRepo":
      return {
        found: "its owner wants its terms accepted first",
        hint: `accept them on the model's page at ${hub.endpoint.host}, ` +
          (hub.token
            ? `with the account of the token in ${hub.token.source}`
            : "then set HF_TOKEN"),
      };
    case "RevisionNotFound":
      return { found: "there is no such revision", hint: "give a branch, tag or commit" };
    case "EntryNotFound":
      return { found: "there is no such file", hint: "look at the model's page" };
  }
  // For whoever may not see a repository, the hub has none: it answers 401.
  if (headers.get("x-error-code") === "RepoNotFound" || status === 401) {
    if (token) {
      return {
        found: "there is no such repository for this token",
        hint: `check owner and name, and what the token in ${token.source} may read`,
      };
    }
    return {
      found: "there is no such repository, or it is private",
      hint: `check owner and name${hub.token ? "" : "; set HF_TOKEN for a private one"}`,
    };
  }
  const reason = headers.get("x-error-message");
  return {
    found: `${hub.endpoint.host} answered ${status}${reason ? `, "${reason}"` : ""}`,
    hint: status === 403
      ? `check what the token in ${hub.token?.source ?? "HF_TOKEN"} may read`
      : "check HF_ENDPOINT and the name",
  };
}

/** A busy server's answer, with how long it asks to wait. */
export function busyError({ status, headers }: Response, clock: Clock): TransientError {
  // The hub's own header: `"api";r=0;t=55`, where t is in seconds.
  const reset = status === 429 ? headers.get("ratelimit")?.match(/\bt=(\d+)/)?.[1] : undefined;
  const after = headers.get("retry-after") ?? reset ?? "0";
  const retryAfter = /^\d+$/.test(after) ? 1000 * Number(after) : Date.parse(after) -
    clock.now();
  return new TransientError(`the server answered ${status}`, {
    retryAfter: Math.max(0, retryAfter || 0),
  });
}
