/**
 * Copying protobuf messages.
 *
 * @module
 */

/**
 * A copy of a message with some fields changed. A message's unset fields have their defaults from its
 * prototype, which object spread and `structuredClone` lose.
 *
 * @example
 * ```ts
 * import { changed } from "./message.ts";
 * import { makeTensor } from "./tensor.ts";
 *
 * const tensor = changed(makeTensor("x", "int64", [1], 7), { name: "y" });
 * console.assert(tensor.name === "y" && tensor.docString === "");
 * ```
 */
export function changed<M extends object>(message: M, fields: Partial<M>): M {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, fields);
}
