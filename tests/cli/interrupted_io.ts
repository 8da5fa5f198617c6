/**
 * A world in which a second passes whenever the clock is read, which is once before the loop and
 * twice a step or iteration; somebody presses Ctrl-C at the reading of that number.
 */
export function interruptedIo(ticks: number, cacheFolder: string) {
  const errors: string[] = [];
  let read = 0;
  let press = () => {};
  const io = {
    writeOut: () => {},
    writeError: (text: string) => errors.push(text),
    error: (message: string) => errors.push(message),
    warn: () => {},
    interactive: false,
    now() {
      if (++read === ticks) press();
      return 1000 * read;
    },
    env: () => undefined,
    cacheFolder,
    onInterrupt(stop: () => void) {
      press = stop;
      return { [Symbol.dispose]: () => {} };
    },
  };
  return { io, errors };
}
