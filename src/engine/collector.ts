/** Removes the inner records of an ended run, once nothing of it is queued, leased or timed. */
import { callSubject, recordSubject, runFilter, systemQueue } from "../encode/subjects.ts"
import type { Kind } from "../encode/subjects.ts"
import { startedAt } from "../encode/identity.ts"
import { packMessage, type CollectMessage } from "../encode/message.ts"
import type { Engine } from "./context.ts"
import { runPlace, type RunFacts } from "./frame.ts"
import { commonOf } from "./sender.ts"

/** How long after the end of a run its inner records stay, in milliseconds; longer than any lost ack needs to show. */
const collectAfter = 120_000

/** Sets the one timer that collects a run. Setting it again moves it. */
export const scheduleCollection = async (
  engine: Pick<Engine, "broker" | "records">,
  run: RunFacts
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
    fire: { time: engine.broker.now() + collectAfter, target }
  })
}

/** Collects a run if it is over and quiet; otherwise looks again later. */
export const collect = async (
  engine: Engine,
  run: RunFacts
): Promise<"collected" | "postponed"> => {
  const { broker, records } = engine
  const of = (kind: Kind): string => runFilter(records.namespace, kind, run.address)
  const [outcome, calls, timers] = await Promise.all([
    broker.read(records.subject(run.address, runPlace)),
    broker.count(of("t")),
    broker.count(of("s"))
  ])
  const itself = 1
  if (
    calls > itself ||
    timers > 0 ||
    (outcome === undefined && (await broker.count(of("i"))) > 0 && !expired(engine, run))
  ) {
    await scheduleCollection(engine, run)
    return "postponed"
  }
  for (const filter of [of("a"), of("v"), of("i"), of("g")]) await broker.purge(filter)
  return "collected"
}

/** An outcome that is gone because its time to live is over. */
const expired = (engine: Engine, run: RunFacts): boolean =>
  engine.broker.now() - startedAt(run.address.run) > run.keep
