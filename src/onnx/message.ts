/**
 * Copying protobuf messages.
 *
 * @module
 */

/**
 * A copy of a message with some fields changed. A message's unset fields have their defaults from its
 * prototype, which object spread and `structuredClone` lose.
 */
export function changed<M extends object>(message: M, fields: Partial<M>): M {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, fields);
}
