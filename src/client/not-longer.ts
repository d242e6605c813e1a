/** Waits for a run no longer than the caller wants to: for a time, or until a signal. The run goes on. */
import { inWords, millisecondsOf } from "../define/duration.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Verdict } from "../engine/verdict.ts"
import { StillRunning } from "../result/failure.ts"
import type { Broker } from "../transport/broker.ts"
import type { RunOptions } from "./app.ts"
import type { Waiter } from "./waiter.ts"

/** The value that is read from the verdict. Rejects with `StillRunning`, or with the signal's reason. */
export const notLonger = async (
  broker: Pick<Broker, "after">,
  waiter: Waiter,
  { signal, within }: RunOptions,
  read: (verdict: Verdict) => unknown
): Promise<unknown> => {
  const id = runIdOf(waiter.address)
  const stops: Array<() => void> = []
  const given = new Promise<never>((_, reject) => {
    if (within !== undefined) {
      const milliseconds = millisecondsOf("within", within)
      const message = `run ${id} did not end within ${inWords(milliseconds)}. It goes on: attach(${JSON.stringify(id)}, workflow) waits for it again.`
      stops.push(broker.after(milliseconds, () => reject(new StillRunning({ run: id, message }))))
    }
    const abort = (): void => reject(signal!.reason as Error)
    if (signal?.aborted === true) abort()
    else if (signal !== undefined) {
      signal.addEventListener("abort", abort, { once: true })
      stops.push(() => signal.removeEventListener("abort", abort))
    }
  })
  try {
    const verdict = await Promise.race([waiter.verdict(), given])
    return await Promise.race([read(verdict), given])
  } catch (cause) {
    waiter.stop()
    throw cause
  } finally {
    for (const stop of stops) stop()
  }
}
