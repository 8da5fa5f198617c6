import { UserError } from "../errors.ts";

/**
 * Checks that a path a server gave stays inside the repository's folder, on every operating system.
 *
 * @param failed What could not be done if it does not, e.g. `Cannot find "owner/name"`.
 * @throws {UserError} If it does not.
 *
 * @example
 * ```ts
 * import { checkRepositoryPath } from "./repository_path.ts";
 *
 * checkRepositoryPath("unet/model.onnx", "Cannot find it");
 * ```
 */
export function checkRepositoryPath(path: string, failed: string): void {
  const ok = path.split("/").every((part) =>
    part !== "" && part !== "." && part !== ".." && !/[\\:\p{Cc}]/u.test(part)
  );
  if (ok) return;
  throw new UserError(
    `${failed}: it lists the file ${JSON.stringify(path)}`,
    "do not use this repository",
  );
}
