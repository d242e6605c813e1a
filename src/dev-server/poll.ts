/** Waiting for something another process does: the only clock of this folder. */
import { setTimeout as sleep } from "node:timers/promises"

/** Epoch milliseconds on this machine. */
export const clock = (): number => Date.now()

/** A pause between two looks. */
export const pause = async (milliseconds: number): Promise<void> => {
  await sleep(milliseconds)
}

/** A pause that does not keep the process alive, and is over at once when the signal is given. */
export const idle = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await sleep(milliseconds, undefined, { ref: false, signal }).catch(() => undefined)
}

/** Looks again and again until there is an answer; `undefined` when the time is over. */
export const lookUntil = async <A>(
  look: () => Promise<A | undefined>,
  within: number
): Promise<A | undefined> => {
  const end = clock() + within
  for (;;) {
    const answer = await look()
    if (answer !== undefined || clock() >= end) {
      return answer
    }
    await pause(25)
  }
}
