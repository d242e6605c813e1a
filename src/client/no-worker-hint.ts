/** Tells a developer who waits for a run that no worker is there to do it. */
import { callOfTask } from "../plan/numbering.ts"
import type { AnyNode } from "../define/plan.ts"
import { unpackMessage, Unreadable } from "../encode/codec.ts"
import {
  cancelSubject,
  runIdOf,
  systemQueue,
  waitingIn,
  type RunAddress
} from "../encode/subjects.ts"
import { expiresAt, lanesOf, stepTimer, timerSubject, type Waited } from "../engine/index.ts"
import { workersElsewhere } from "./elsewhere.ts"
import type { Broker, Lane, Stored } from "../broker/broker.ts"

/** Where cancels wait, whatever queues the calls of their runs are in. */
const systemLane: Lane = { queue: systemQueue, level: systemQueue }

/** What cancels are told by: no queue has such a name. */
const cancels = "a cancel"

/** Something that may be waited for in vain. */
interface InVain {
  /** By what it is asked about, one look at a time, and told once. */
  readonly key: string
  readonly lane: Lane
  /** What to say when nobody takes from the lane; nothing when nothing waits there. */
  readonly words: () => Promise<string | undefined>
  /** Looks what else may be wrong, when somebody does. */
  readonly served?: () => Promise<void>
}

/**
 * A server that has just begun to lead a queue knows of none of those who ask there, until each notices that its request has
 * gone: three beats of two seconds, and a moment. In milliseconds.
 */
const unknown = 12_000

export class NobodyServes {
  readonly #broker: Broker
  readonly #print: (line: string) => void
  /** What is being asked about, queues by their names: a thousand runs that wait for the same workers are worth one line. */
  readonly #asked = new Set<string>()
  /** Those of which it was said, and that nobody has served since. */
  readonly #told = new Set<string>()
  /** Tasks of which it was said that those who take from their queue do not do them. */
  readonly #strange = new Set<string>()
  #reconnectedAt = -Infinity

  constructor(broker: Broker, print: (line: string) => void) {
    this.#broker = broker
    this.#print = print
    broker.onReconnect(() => {
      this.#reconnectedAt = broker.elapsed()
    })
  }

  /** Says so when a call of a run that has been waited for in vain is in a queue that nobody serves. */
  look(address: RunAddress, plan: AnyNode): void {
    for (const waited of lanesOf(plan)) {
      const { lane } = waited
      this.#look({
        key: lane.queue,
        lane,
        words: () => callWords(this.#broker, address, waited),
        served: () => this.#lookAtStrange(address, plan)
      })
    }
  }

  /** Says so when the cancel of a run that has been waited for in vain is stored, and no worker is there to carry it out. */
  lookAtCancel(address: RunAddress): void {
    this.#look({ key: cancels, lane: systemLane, words: () => cancelWords(this.#broker, address) })
  }

  #look(inVain: InVain): void {
    const { key } = inVain
    if (this.#asked.has(key)) return
    this.#asked.add(key)
    void this.#lookAt(inVain)
      .catch(() => {})
      .finally(() => this.#asked.delete(key))
  }

  async #lookAt(inVain: InVain, again = false): Promise<void> {
    const { key, lane, served } = inVain
    if ((await this.#broker.waiting(lane)) > 0) {
      this.#told.delete(key)
      return served?.()
    }
    if (this.#told.has(key)) return
    const words = await inVain.words()
    if (words === undefined) return
    if (!again && this.#mayBeNew()) {
      await new Promise<void>((resolve) => void this.#broker.after(unknown, resolve))
      return this.#lookAt(inVain, true)
    }
    this.#told.add(key)
    this.#print(`${words}${await workersElsewhere(this.#broker, lane.queue)}`)
  }

  /** Says so, once for each task, when workers have put a call of the run back that they cannot do. */
  async #lookAtStrange(address: RunAddress, plan: AnyNode): Promise<void> {
    const { namespace } = this.#broker.facts
    const parked = timerSubject(namespace, address, stepTimer("*", "parked"))
    const [record] = (await this.#broker.page(parked, 1)).records
    const parcel = record === undefined ? undefined : unpackMessage(record.body)
    if (parcel === undefined || parcel instanceof Unreadable) return
    const { message } = parcel
    if (message.kind !== "call" || this.#strange.has(message.task)) return
    this.#strange.add(message.task)
    const called = callOfTask(plan, message.task)
    const where = called === undefined ? "its queue" : `queue "${called.queue}"`
    this.#print(
      `arpeggio: no worker that does ${message.task} takes from ${where} (namespace "${namespace}"): those that do take from it do not serve that task, or another version of its contract, and put it back; run ${runIdOf(address)} continues as soon as one starts that serves it`
    )
  }

  /** Whether the server that leads the queue may have begun to a moment ago: of several anyone may, unseen from here. */
  #mayBeNew(): boolean {
    const { facts } = this.#broker
    return facts.replicas > 1 || this.#broker.elapsed() - this.#reconnectedAt < unknown
  }
}

/** Of a call that waits; nothing when none does any more. */
const callWords = async (
  broker: Broker,
  address: RunAddress,
  { lane, what }: Waited
): Promise<string | undefined> => {
  const { namespace } = broker.facts
  const [call] = (await broker.page(waitingIn(namespace, lane, address), 1)).records
  if (call === undefined) return undefined
  const { queue } = lane
  const where = queue === "_" ? "in this namespace" : `on queue "${queue}"`
  const more = ["_", "default"].includes(queue) ? "" : `, { queues: ["${queue}"] }`
  return `arpeggio: no worker ${where} yet (namespace "${namespace}"), or none with a free slot, so ${what} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})${expiryWords(call, broker.now())}`
}

/** Of a cancel that waits; nothing when it is carried out. */
const cancelWords = async (broker: Broker, address: RunAddress): Promise<string | undefined> => {
  const { namespace } = broker.facts
  const cancel = await broker.read(cancelSubject(namespace, address))
  if (cancel === undefined) return undefined
  return `arpeggio: no worker in this namespace yet (namespace "${namespace}"), so the cancel of run ${runIdOf(address)} waits. It is stored (since ${new Date(cancel.at).toISOString()}), whatever becomes of this process: the first worker that starts carries it out, and nothing more of the run begins before that. To wait no longer than you want to: cancel({ within: "10 seconds" })`
}

/** What becomes of a call that has to begin in time, of whatever queue the worker is that starts too late. */
const expiryWords = ({ body }: Stored, now: number): string => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable || parcel.message.kind !== "call") return ""
  const expires = expiresAt(parcel.message)
  if (expires === undefined) return ""
  const time = new Date(expires).toISOString()
  return now < expires
    ? `; it expires at ${time}, and what is not begun by then the first worker of the namespace ends as Expired`
    : `; it expired at ${time}, and so the first worker of the namespace that starts ends it as Expired`
}
