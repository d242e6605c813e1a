/**
 * Sets timers again whose moment went by while the broker was full.
 *
 * A server that finds no room for what a timer puts on its target does not try again: it counts the timer as on its way,
 * until the timer is set anew, the stream gets another leader, or the server starts again.
 */
import type { Msg } from "@nats-io/transport-node"
import { timersFilter } from "../encode/subjects.ts"
import type { Stored } from "../broker/broker.ts"
import { conflict, passes, type ServerError, serverFailure } from "./error-codes.ts"
import { type DirectReads, gather, type Page, recordOf } from "./direct-get.ts"
import { HeaderBlock } from "./headers.ts"

export interface OverdueOptions extends DirectReads {
  readonly namespace: string
  readonly now: () => number
}

/** A timer as it is stored. */
interface Timer extends Stored {
  readonly schedule: string
  readonly target: string
}

const page = 500
const pageBytes = 8 * 1024 * 1024

/** A timer that is late by less is just firing, in milliseconds. */
const late = 3_000

/** One that was set again a moment ago may find no room once more: it is not done with before it has fired, in milliseconds. */
const pending = 1_000

const moment = "@at "

const timerOf = (message: Msg): Timer => ({
  ...recordOf(message),
  schedule: message.headers!.get("Nats-Schedule"),
  target: message.headers!.get("Nats-Schedule-Target")
})

/** Sets one timer again unless it has fired, or somebody has set it anew. */
const setAgain = (
  { multiplexer, now }: OverdueOptions,
  { subject, body, sequence, target }: Timer
): Promise<void> =>
  new Promise((resolve, reject) => {
    const doing = `setting the timer ${subject} again`
    const at = new Date(Math.ceil(now())).toISOString()
    const headers = new HeaderBlock(
      `NATS/1.0\r\nNats-Schedule: ${moment}${at}\r\nNats-Schedule-Target: ${target}\r\nNats-Expected-Last-Subject-Sequence: ${sequence}\r\n\r\n`
    )
    multiplexer.ask({
      subject,
      payload: body,
      headers,
      writes: true,
      doing,
      answer: (message) => {
        const { error } = message.json<{ readonly error?: ServerError }>()
        if (error !== undefined && passes(error)) return "again"
        if (error === undefined || error.err_code === conflict) resolve()
        else reject(serverFailure(doing, error))
        return "done"
      },
      fail: reject
    })
  })

/** Resolves with how many timers are late, or may be: none when all is done. Rejects with `Full` while there is no room for what they put on their targets. */
export const setOverdueAgain = async (options: OverdueOptions): Promise<number> => {
  const { namespace, now } = options
  let count = 0
  for (let seq: number | undefined = 1; seq !== undefined;) {
    const request = {
      next_by_subj: timersFilter(namespace),
      seq,
      batch: page,
      max_bytes: pageBytes
    }
    const doing = "looking for timers that are late"
    const found: Page<Timer> = await gather(options, request, { doing }, timerOf)
    for (const timer of found.records) {
      const due = timer.schedule.startsWith(moment)
        ? Date.parse(timer.schedule.slice(moment.length))
        : Number.NaN
      if (!(due < now() - pending)) continue
      count += 1
      if (due < now() - late) await setAgain(options, timer)
    }
    seq = found.next?.seq
  }
  return count
}
