/** Removes the inner records of an ended run, once nothing of it is queued, leased or timed. */
import { callSubject, recordSubject, runFilter, systemQueue } from "../encode/subjects.ts"
import type { Kind } from "../encode/subjects.ts"
import { startedAt } from "../encode/identity.ts"
import { type CollectMessage } from "../encode/message.ts"
import { packMessage } from "../encode/parcel.ts"
import { Closer } from "./closer.ts"
import type { Engine } from "./context.ts"
import { runPlace, type RunFacts } from "./frame.ts"
import { commonOf } from "./sender.ts"
import { readVerdict } from "./verdict.ts"

/** How long after the end of a run its inner records stay, in milliseconds: a handler that was told to stop may yet write. */
const collectAfter = 120_000

/** How soon after a failure or a cancel to look for calls that were published at the same moment, in milliseconds. */
const lookAgainAfter = 2_000

/** Sets the one timer that collects a run. Setting it again moves it. */
export const scheduleCollection = async (
  engine: Pick<Engine, "broker" | "records">,
  run: RunFacts,
  wait: number = collectAfter
): Promise<void> => {
  const { namespace } = engine.records
  const message: CollectMessage = { ...commonOf(run), kind: "collect" }
  const target = callSubject(namespace, {
    ...run.address,
    queue: systemQueue,
    level: systemQueue,
    task: "_",
    node: "collect",
    index: "_"
  })
  await engine.broker.publish({
    subject: recordSubject(namespace, "s", run.address, "collect"),
    body: packMessage(message),
    fire: { time: engine.broker.now() + wait, target }
  })
}

/** The same for a run that failed or was cancelled: the first look is soon, because its workers may not have heard. */
export const scheduleClearing = (engine: Engine, run: RunFacts): Promise<void> =>
  scheduleCollection(engine, run, lookAgainAfter)

/** Collects a run if it is over and quiet; otherwise looks again later. */
export const collect = async (
  engine: Engine,
  run: RunFacts
): Promise<"collected" | "postponed" | "kept"> => {
  const { broker, records } = engine
  const of = (kind: Kind): string => runFilter(records.namespace, kind, run.address)
  const [outcome, calls, timers] = await Promise.all([
    broker.read(records.subject(run.address, runPlace)),
    broker.count(of("t")),
    broker.count(of("s"))
  ])
  const others = calls - 1
  if (outcome === undefined) {
    // A run that takes longer than its outcome will be kept has not ended for that. A call may have left its timer between the two counts.
    if (others > 0 || timers > 0 || (await broker.count(of("t"))) > 1) {
      return postpone(engine, run, collectAfter)
    }
    const begun = (await broker.count(of("i"))) > 0
    if (begun && !expired(engine, run)) return postpone(engine, run, collectAfter)
  } else {
    const failed = readVerdict(outcome.body).tag !== "Succeeded"
    if (failed && others > 0) {
      await postpone(engine, run, lookAgainAfter)
      await new Closer(engine).endRun(run)
      return "postponed"
    }
    const rest = outcome.at + collectAfter - broker.now()
    if (others > 0 || timers > 0) return postpone(engine, run, collectAfter)
    if (rest > 0) return postpone(engine, run, rest)
  }
  // Whoever handles the dead letter sets the timer again.
  if ((await broker.count(of("dl"))) > 0) return "kept"
  for (const filter of [of("a"), of("v"), of("i"), of("g")]) await broker.purge(filter)
  return "collected"
}

const postpone = async (engine: Engine, run: RunFacts, wait: number): Promise<"postponed"> => {
  await scheduleCollection(engine, run, wait)
  return "postponed"
}

/** An outcome that is gone because its time to live is over. */
const expired = (engine: Engine, run: RunFacts): boolean =>
  engine.broker.now() - startedAt(run.address.run) > run.keep
