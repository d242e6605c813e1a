/** For what a step waits, in a sentence. */
import { systemQueue } from "../encode/subjects.ts"
import { roughly, type Pending } from "../engine/index.ts"
import type { Reason } from "./reasons.ts"

/** How many workers are named. */
const named = 3

export const reasonWords = (pending: Pending, reason: Reason, now: number): string => {
  const { task, queue, since, attempt } = pending
  const what = task === "" ? "a group or map" : task
  const long = roughly(Math.max(0, now - since))
  const where = queue === "" || queue === systemQueue ? "" : ` on queue "${queue}"`
  const waits = `${what} waits${where} for ${long}`
  if (reason.for !== "answer" && isTooLate(pending, reason, now)) {
    return `${waits}, and expired at ${new Date(pending.expires!).toISOString()}: nobody begins it any more, and the first worker of the namespace that is there ends it as Expired`
  }
  switch (reason.for) {
    case "handler": {
      const { worker, lasts } = reason.runs!
      const which = attempt > 1 ? ` (attempt ${attempt})` : ""
      return `${what}${which} runs at worker ${worker}, for ${roughly(lasts)}`
    }
    case "retry":
      return `${what} waits for its attempt ${attempt}${at(pending.until, now)}${after(pending)}`
    case "time":
      return pending.in === "sleep"
        ? `a sleep has ${long} behind it${goesOn(pending.until, now)}`
        : `${what}${where} is delayed: it begins${at(pending.until, now).replace("until", "at")}`
    case "newer":
      return pending.newer === true
        ? `${waits} for a worker of a newer release of Arpeggio, which has stored it or something that it leads to: deploy that release to the workers of its queue`
        : `${waits} in a timer that only a newer release of Arpeggio than this process has knows: ask with that release`
    case "worker":
      return queue === systemQueue
        ? `${waits} to be begun, and no worker is there: start one`
        : `${waits}, and no worker takes from that queue: start one that serves ${what}, with queues: ["${queue}"]`
    case "task":
      return reason.version === true
        ? `${waits}, and workers there have another version of its contract (${names(reason)}): start one with the version that the call was made with`
        : `${waits}, and no worker there serves that task${among(reason)}: start one that does`
    case "slot":
      return `${waits}${others(reason)}: all slots of ${reason.serving.length === 0 ? "its workers" : names(reason)} are taken, or it is handed out in a moment`
    case "answer":
      return `${what} was taken${queue === "" ? "" : ` from queue "${queue}"`} within the last ${long} by a worker that does not say it runs: it stores the outcome, or has died, and then another worker gets the step when its lease is over${reason.serving.length === 0 ? "; no worker of that queue answers now" : ""}${isTooLate(pending, reason, now) ? expiredThere(pending) : ""}`
  }
}

/** Whether nobody is known to have begun it in time. Any worker ends it, of whatever queue; where none is, it stays as it is. */
export const isTooLate = ({ expires }: Pending, reason: Reason, now: number): boolean =>
  expires !== undefined &&
  now >= expires &&
  (["worker", "task", "slot"].includes(reason.for) ||
    (reason.for === "answer" && reason.serving.length === 0))

const expiredThere = ({ expires }: Pending): string =>
  `. It expired at ${new Date(expires!).toISOString()}: the next worker of that queue ends it as Expired, and a worker of another queue does when it has seen for a minute that nobody takes from this one; where no worker is there at all, nobody can`

const at = (until: number | undefined, now: number): string =>
  until === undefined
    ? ""
    : ` until ${new Date(until).toISOString()}${until > now ? `, in ${roughly(until - now)}` : ""}`

const goesOn = (until: number | undefined, now: number): string =>
  until === undefined ? "" : `, and ends${at(until, now).replace("until", "at")}`

const after = ({ attempt, last }: Pending): string =>
  last === undefined ? "" : `, because attempt ${attempt - 1} ${last}`

const names = ({ serving }: Reason): string => {
  const workers = serving.map(({ worker }) => worker)
  const more = workers.length - named
  const some = workers.slice(0, named).join(", ")
  return more > 0 ? `${some} and ${more} more` : some
}

const among = (reason: Reason): string => (reason.serving.length === 0 ? "" : ` (${names(reason)})`)

const others = ({ calls }: Reason): string =>
  calls === undefined || calls < 2 ? "" : `, with ${calls - 1} other${calls === 2 ? "" : "s"}`
