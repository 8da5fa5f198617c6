import { InvalidArgumentError } from "npm:@commander-js/extra-typings@15.1.0";

/** Parser, for commander, of a whole number of at least `min`. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`Wanted a whole number of at least ${min}.`);
  };
}
