import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";

/** What the hub is shown to be let into private and gated repositories. */
export interface HubToken {
  /** The token itself, printable ASCII. */
  readonly value: string;
  /** Where it was found, in words that follow "the token in": a variable's name, or a quoted path. */
  readonly source: string;
  /** Whether the hub has said that it is not valid; it is not shown again then. */
  refused?: boolean;
}

/**
 * The token of a variable, else of a file; nothing if both are empty or missing.
 *
 * @param variable The content of `HF_TOKEN`.
 * @param path The file's.
 * @throws {UserError} If the file cannot be read, or no header can carry the token.
 */
export async function findToken(
  variable: string | undefined,
  path: string,
): Promise<HubToken | undefined> {
  return tokenOf(variable ?? "", "HF_TOKEN") ?? tokenOf(await readToken(path), `"${path}"`);
}

/** A text as a token, without the white space around it; nothing if there is nothing else. */
function tokenOf(text: string, source: string): HubToken | undefined {
  const value = text.replace(/[\r\n]/g, "").trim();
  if (value === "") return undefined;
  if (/^[\x21-\x7e]+$/.test(value)) return { value, source };
  throw new UserError(
    `Invalid token in ${source}: wanted letters, digits and punctuation of ASCII, found others`,
    "copy it again from the hub's page of tokens",
  );
}

async function readToken(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return "";
    }
    throw fileError(`Cannot read the token's file "${path}"`, cause, "or set HF_TOKEN");
  }
}

/** Of the hub's 401 for a token that it does not know (any more); of a private repository, another. */
const INVALID = /^invalid credentials in authorization header|access token .* is expired/i;

/** Whether an answer says that the token it was asked with is not valid. */
export function refusesToken({ status, headers }: Response): boolean {
  return status === 401 && INVALID.test(headers.get("x-error-message") ?? "");
}
