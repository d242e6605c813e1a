/** Hands a call that this worker cannot execute over to another: puts it back for a while, or gives it up when patience is over. */
import { stepTimer } from "../timers.ts"
import { inWords } from "../../define/duration.ts"
import type { PutBack } from "../observer.ts"
import type { Foreign } from "./decide.ts"
import type { Handling } from "./handling.ts"
import type { Call, Job } from "./job.ts"
import { park, parkedBody } from "./park.ts"
import { giveUp } from "./quarantine.ts"

/** A call of a task that this worker does not serve. */
export const handOverUnknown = async (handling: Handling, call: Call): Promise<void> => {
  const { task } = call.message
  const { queue } = call.parts
  const { patience, observer } = handling
  if (handling.unserved === true) {
    const message = `no worker took ${task} from queue "${queue}" within ${inWords(patience)}: start one whose tasks name that queue, or with queues: ["${queue}"], and redrive the dead letter; or redrive it to a queue that is served, with deadLetters.redrive(id, { queue })`
    return giveUp(handling, call, { name: "UnservedQueue", message })
  }
  const left = await putBackOrGiveUp(handling, call, {
    name: "UnknownTask",
    message: `no worker that serves ${task} took it from queue "${queue}" within ${inWords(patience)}: start one with this task in its serve([…]), then redrive the dead letter, with { queue } where the task has moved to another`
  })
  if (left !== undefined) observer.parked(call, left)
}

/**
 * A call that was made with another version of the task's contract, and does not fit this worker's. It costs no attempt:
 * nothing has been executed. In a rolling deploy a worker that it fits stands beside this one, or comes with the next restart.
 */
export const handOverForeign = async (
  handling: Handling,
  job: Job,
  { why }: Foreign
): Promise<void> => {
  const { message } = job
  const { name, fingerprint } = job.task
  const { patience, observer } = handling
  const made =
    message.fingerprint === fingerprint
      ? `the step before was executed with another version of its contract than the workflow was built with (${fingerprint}, as here)`
      : `the call was made with version ${message.fingerprint} of the contract, this worker has ${fingerprint}`
  const left = await putBackOrGiveUp(handling, job, {
    name: "InvalidInput",
    message: `no worker whose contract of ${name} fits took the call from queue "${job.parts.queue}" within ${inWords(patience)}: ${made}, and ${why}. Start a worker with the version it was made with, or mend the contract so that it takes both, then redrive the dead letter`
  })
  if (left !== undefined) observer.parked(job, left, why)
}

/** Sends the call back to its queue after a while; or gives it up, with these words, when patience is over. */
const putBackOrGiveUp = async (
  handling: Handling,
  call: Call,
  crash: { readonly name: string; readonly message: string }
): Promise<PutBack | undefined> => {
  const { engine, patience } = handling
  const { delivery, run, message, slots } = call
  const now = engine.broker.now()
  // A call that was handed out before was in the hands of a worker that knows it.
  const parkedAt = delivery.deliveries > 1 ? now : (message.parkedAt ?? now)
  const since = Math.min(parkedAt, now)
  const until = since + patience
  if (until <= now) {
    await giveUp(handling, call, crash)
    return undefined
  }
  const wait = await park(engine, delivery, run.address, {
    name: stepTimer(message.step, "parked"),
    parked: message.parked ?? 0,
    until,
    body: parkedBody(message, slots, since)
  })
  return { since, wait, patience }
}
