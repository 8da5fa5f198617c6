/**
 * Runs before every test file. Examples check their results with `console.assert`, which only prints.
 * Here it throws, so that a wrong example fails.
 *
 * @module
 */
console.assert = (condition, ...message) => {
  if (!condition) throw new Error(`Assertion failed ${message.join(" ")}`.trim());
};
