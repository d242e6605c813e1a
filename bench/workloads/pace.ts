/** Calls in many loops, warm-ups, counts that fit a slow system, and the check of every value that comes back. */
import { median } from "../report/statistics.ts"
import type { Session } from "../system.ts"

/** A value that is not what it has to be: the run ends, because nothing else it says can be believed. */
export class WrongResult extends Error {
  override readonly name = "WrongResult"
}

export const check = (what: string, got: unknown, wanted: unknown): void => {
  if (got !== wanted)
    throw new WrongResult(`${what}: ${JSON.stringify(got)} instead of ${String(wanted)}`)
}

export const checkAll = (what: string, got: ReadonlyArray<number>, first: number, size: number) => {
  check(`${what}: how many`, got.length, size)
  for (const [at, value] of got.entries()) check(`${what}, ${at}`, value, first + at)
}

export const numbers = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, at) => at)

export const now = (): number => performance.timeOrigin + performance.now()

/** Milliseconds that it took. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Does it `count` times in so many loops, each of which waits for one before it begins the next. */
export const loops = async (
  count: number,
  outstanding: number,
  work: (at: number) => Promise<void>
): Promise<void> => {
  let next = 0
  const loop = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(outstanding, count) }, loop))
}

export const called = async (session: Session, value: number): Promise<void> =>
  check(`inc(${value})`, await session.call(value), value + 1)

export const calls = (session: Session, count: number, outstanding: number): Promise<void> =>
  loops(count, outstanding, (at) => called(session, at))

/** Longest warm-up, in milliseconds: V8 compiles what runs often, and that takes longer the more code there is. */
export const warmth = 4_000

/** Calls in pieces, until there were enough or it took too long; gives the calls per second of the last piece. */
export const warmUp = async (session: Session, count: number): Promise<number> => {
  const end = performance.now() + warmth
  let rate = 0
  let piece = Math.min(count, 100)
  for (let done = 0; done < count && performance.now() < end; done += piece) {
    piece = Math.min(count - done, rate < 500 ? 100 : 1_000)
    rate = (piece * 1_000) / (await timed(() => calls(session, piece, 1_000)))
  }
  return rate
}

/** As many of the calls as take about four seconds at this rate. */
export const fitting = (wanted: number, rate: number): number =>
  Math.max(100, Math.min(wanted, Math.round(rate * 4)))

/** How long each took, one after the other, until there were enough or the time is over: ten seconds. */
export const oneByOne = async (
  count: number,
  work: (at: number) => Promise<unknown>,
  patience = 10_000
): Promise<ReadonlyArray<number>> => {
  const end = performance.now() + patience
  const times: Array<number> = []
  for (let at = 0; at < count && (at < 3 || performance.now() < end); at++) {
    times.push(await timed(() => work(at)))
  }
  return times
}

/** How many a second: the median of three times, or of as many as begin within three seconds. */
export const rateOf = async (
  count: number,
  quick: boolean,
  work: () => Promise<unknown>
): Promise<number> => {
  const end = performance.now() + (quick ? 0 : 3_000)
  const rates: Array<number> = []
  do rates.push((count * 1_000) / (await timed(work)))
  while (rates.length < 3 && performance.now() < end)
  return median(rates)
}
