/**
 * What Deno's `fetch` knows of a failure on the network, in words and without the URL.
 *
 * @param error What `fetch`, or reading its answer, threw.
 *
 * @example
 * ```ts
 * import { networkReason } from "./network_reason.ts";
 *
 * const cause = new Error("client error (Connect): tcp connect error");
 * console.assert(networkReason(new TypeError("fetch failed", { cause })) === cause.message);
 * ```
 */
export function networkReason({ message, cause }: TypeError): string {
  return cause instanceof Error ? cause.message.replace(/^.* url \(.*?\): /, "") : message;
}
