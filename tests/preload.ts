/**
 * Runs before every test file. Examples say what holds with `console.assert`, which by itself only
 * prints: here it throws, so that an example that is wrong fails.
 *
 * @module
 */
console.assert = (condition, ...message) => {
  if (!condition) throw new Error(`Assertion failed ${message.join(" ")}`.trim());
};
