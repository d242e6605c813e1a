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

/** What it is told by that a cancel waits. */
const cancels = "a cancel"

/**
 * A server that has just begun to lead a queue knows of none of those who ask there, until each notices that its request has
 * gone: three beats of two seconds, and a moment. In milliseconds.
 */
const unknown = 12_000

export class NobodyServes {
  readonly #broker: Broker
  readonly #print: (line: string) => void
  /** Queues that are being asked about: a thousand runs that wait for the same workers are worth one line. */
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
      const { queue } = waited.lane
      if (this.#asked.has(queue)) continue
      this.#asked.add(queue)
      void this.#lookAt(address, waited, plan)
        .catch(() => {})
        .finally(() => this.#asked.delete(queue))
    }
  }

  async #lookAt(address: RunAddress, waited: Waited, plan: AnyNode, again = false): Promise<void> {
    const { lane, what } = waited
    const { queue } = lane
    if ((await this.#broker.waiting(lane)) > 0) {
      this.#told.delete(queue)
      return this.#lookAtStrange(address, plan)
    }
    if (this.#told.has(queue)) return
    const calls = waitingIn(this.#broker.facts.namespace, lane, address)
    const [call] = (await this.#broker.page(calls, 1)).records
    if (call === undefined) return
    if (!again && this.#mayBeNew()) {
      await new Promise<void>((resolve) => void this.#broker.after(unknown, resolve))
      return this.#lookAt(address, waited, plan, true)
    }
    this.#told.add(queue)
    const elsewhere = await workersElsewhere(this.#broker, queue)
    const expiry = expiryWords(call, this.#broker.now())
    this.#print(`${this.#words(lane, what, address)}${expiry}${elsewhere}`)
  }

  /** Says so when the cancel of a run that has been waited for in vain is stored, and no worker is there to carry it out. */
  lookAtCancel(address: RunAddress): void {
    if (this.#asked.has(cancels)) return
    this.#asked.add(cancels)
    const look = async (again = false): Promise<void> => {
      if ((await this.#broker.waiting(systemLane)) > 0) {
        this.#told.delete(cancels)
        return
      }
      if (this.#told.has(cancels)) return
      const { namespace } = this.#broker.facts
      const cancel = await this.#broker.read(cancelSubject(namespace, address))
      if (cancel === undefined) return
      if (!again && this.#mayBeNew()) {
        await new Promise<void>((resolve) => void this.#broker.after(unknown, resolve))
        return look(true)
      }
      this.#told.add(cancels)
      const elsewhere = await workersElsewhere(this.#broker, systemQueue)
      this.#print(
        `arpeggio: no worker in this namespace yet (namespace "${namespace}"), so the cancel of run ${runIdOf(address)} waits. It is stored (since ${new Date(cancel.at).toISOString()}), whatever becomes of this process: the first worker that starts carries it out, and nothing more of the run begins before that. To wait no longer than you want to: cancel({ within: "10 seconds" })${elsewhere}`
      )
    }
    void look()
      .catch(() => {})
      .finally(() => this.#asked.delete(cancels))
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

  #words({ queue }: Lane, what: string, address: RunAddress): string {
    const where = queue === "_" ? "in this namespace" : `on queue "${queue}"`
    const more = ["_", "default"].includes(queue) ? "" : `, { queues: ["${queue}"] }`
    return `arpeggio: no worker ${where} yet (namespace "${this.#broker.facts.namespace}"), or none with a free slot, so ${what} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})`
  }
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
