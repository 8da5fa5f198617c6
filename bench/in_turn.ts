/** Options of {@link inTurn}. */
export interface InTurnOptions {
  /** Number of rounds that count. */
  readonly rounds: number;
  /** Calls of each job per round. The default is 1. */
  readonly each?: number | undefined;
  /** True for a first round that does not count, because it compiles and fills caches; the default. */
  readonly warmUp?: boolean | undefined;
  /** Waits for the work that a job has queued. */
  readonly wait?: (() => Promise<void>) | undefined;
}

/**
 * Times jobs, and returns the median milliseconds per call of each. The jobs of a round run one after
 * the other, so a busy machine slows all of them alike, and the ratio of two stays right.
 */
export async function inTurn<Name extends string>(
  jobs: Readonly<Record<Name, () => Promise<unknown>>>,
  { rounds, each = 1, warmUp = true, wait = () => Promise.resolve() }: InTurnOptions,
): Promise<Record<Name, number>> {
  const names = Object.keys(jobs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const name of names) {
      await wait();
      const started = performance.now();
      for (let k = 0; k < each; k++) await jobs[name]();
      await wait();
      if (round >= 0) times[name].push((performance.now() - started) / each);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<
    Name,
    number
  >;
}

/** The middle one of some numbers, or the larger of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
