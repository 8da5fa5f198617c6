import { UserError } from "../errors.ts";
import type { Hub } from "./hub.ts";
import { type Clock, TransientError } from "./retry.ts";

/** Statuses of servers that are busy, or being repaired. */
const BUSY = [408, 429, 500, 502, 503, 504];

/** Whether a server that gives this answer may give a better one later. */
export function isBusy({ status }: Response): boolean {
  return BUSY.includes(status);
}

/**
 * Turns a failure of the network, which `fetch` reports as a `TypeError`, into a
 * {@link TransientError}. Any other error is returned unchanged.
 */
export function networkError(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const { cause, message } = error;
  // Deno's own words, without the URL.
  const reason = cause instanceof Error ? cause.message.replace(/^.* url \(.*?\): /, "") : message;
  return new TransientError(reason, { cause: error });
}

/**
 * Turns an answer that is not a success into an error: a {@link TransientError} if the server may give
 * a better one later, else a mistake in the request, with the hub's reason (`X-Error-Code`).
 *
 * @param failed The action that failed, e.g. `Cannot find "owner/name"`.
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

/** The reason of a refusal, and what the user can do about it. */
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
  // The hub answers 401 also for a private repository, as if that did not exist.
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

/** Turns a busy server's answer into an error that carries the wait the server asks for. */
export function busyError({ status, headers }: Response, clock: Clock): TransientError {
  // The hub has a header of its own, `"api";r=0;t=55`, with t in seconds.
  const reset = status === 429 ? headers.get("ratelimit")?.match(/\bt=(\d+)/)?.[1] : undefined;
  const after = headers.get("retry-after") ?? reset ?? "0";
  const wait = /^\d+$/.test(after) ? 1000 * Number(after) : Date.parse(after) - clock.now();
  return new TransientError(`the server answered ${status}`, {
    retryAfter: Math.max(0, wait || 0),
  });
}
