import { UserError } from "../errors.ts";
import { fileError, isMissing } from "../files/file_error.ts";

/** The token that opens private and gated repositories of a hub. */
export interface HubToken {
  /** The token itself: the characters that may follow `Bearer` (RFC 6750, section 2.1). */
  readonly value: string;
  /** Its place, in words that follow "the token in": a variable's name, or a quoted path. */
  readonly source: string;
  /** Whether the hub has called it invalid; it is not sent again then. */
  refused?: boolean;
}

/**
 * Finds the token in a variable, else in a file; gives nothing if both are empty or missing.
 *
 * @param variable The content of `HF_TOKEN`.
 * @param path Path of the file.
 * @throws {UserError} The file cannot be read, or the token has a character that no token has.
 */
export async function findToken(
  variable: string | undefined,
  path: string,
): Promise<HubToken | undefined> {
  return tokenOf(variable ?? "", "HF_TOKEN") ?? tokenOf(await readToken(path), `"${path}"`);
}

/** A character that no token has, or `=` anywhere but at the end. */
const WRONG = /[^A-Za-z0-9._~+/=-]|^=|=(?=[^=])/u;

/** Reads a text as a token, without the white space around it; gives nothing for an empty one. */
function tokenOf(text: string, source: string): HubToken | undefined {
  const value = text.trim();
  if (value === "") return undefined;
  const [wrong] = value.match(WRONG) ?? [];
  if (wrong === undefined) return { value, source };
  throw new UserError(
    `Invalid token in ${source}: wanted letters, digits and ._~+/-, found ${nameOf(wrong)}`,
    "copy the token alone from the hub's page of tokens, without quotation marks",
  );
}

/** A character in words that show it, alone, since the rest of a token is a secret. */
function nameOf(character: string): string {
  if (/[\r\n\u2028\u2029]/.test(character)) return "a line break";
  if (/\s/.test(character)) return "a space";
  if (/["'`\u2018-\u201f]/.test(character)) return `the quotation mark ${character}`;
  return /[\p{C}\p{M}]/u.test(character)
    ? `the character U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`
    : `the character ${character}`;
}

async function readToken(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (isMissing(cause)) return "";
    throw fileError(`Cannot read the token's file "${path}"`, cause, "or set HF_TOKEN");
  }
}

/** Message of the hub's 401 for an invalid token; that for a private repository has another. */
const INVALID = /^invalid credentials in authorization header|access token .* is expired/i;

/** Whether an answer says that the request's token is invalid. */
export function refusesToken({ status, headers }: Response): boolean {
  return status === 401 && INVALID.test(headers.get("x-error-message") ?? "");
}
