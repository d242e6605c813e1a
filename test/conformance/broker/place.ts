/** Where the conformance tests of a broker run, and the few words they speak. */
import { randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { expect } from "vitest"
import type { Kind } from "../../../src/encode/kinds.ts"
import { callSubject, recordSubject, type RunAddress } from "../../../src/encode/subjects.ts"
import type { Broker, Consumption, Delivery, Lane } from "../../../src/broker/broker.ts"

/** What a broker's author provides. */
export interface BrokerHarness {
  readonly broker: Broker
  /** Another connection to the same server and namespace, as another process would have it. The suite closes it. */
  readonly second: () => Promise<Broker>
  /** Lets the broker's time pass. Default: waits until the broker's clock says so. */
  readonly wait?: (milliseconds: number) => Promise<void>
  readonly close: () => Promise<void>
  /** How long the broker leaves a call with a silent process, in milliseconds. */
  readonly lease: number
}

export interface Place {
  readonly broker: Broker
  readonly lease: number
  second(): Promise<Broker>
  wait(milliseconds: number): Promise<void>
}

const untilPassed = async (broker: Broker, milliseconds: number): Promise<void> => {
  const end = broker.now() + milliseconds
  while (broker.now() < end) await sleep(Math.max(1, end - broker.now()))
}

export const placeOf = (harness: BrokerHarness): Place => ({
  broker: harness.broker,
  lease: harness.lease,
  second: harness.second,
  wait: harness.wait ?? ((milliseconds) => untilPassed(harness.broker, milliseconds))
})

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const text = (body: Uint8Array | undefined): string | undefined =>
  body === undefined ? undefined : new TextDecoder().decode(body)

/** Nobody else's name: every test works on runs and queues of its own. */
export const unique = (): string => randomBytes(8).toString("hex")

export const newRun = (owner = "conf"): RunAddress => ({
  owner,
  instance: unique().slice(0, 8),
  run: unique()
})

export const newLane = (): Lane => ({ queue: `q${unique()}`, level: "0" })

/** The subject of a run's record, in this broker's namespace. */
export const subjectIn = (
  broker: Broker,
  kind: Exclude<Kind, "t">,
  run: RunAddress,
  node?: string,
  index?: string
): string => recordSubject(broker.facts.namespace, kind, run, node, index)

export const callIn = (broker: Broker, lane: Lane, run: RunAddress, node: string): string =>
  callSubject(broker.facts.namespace, run, { ...lane, task: "conf.task", node, index: "_" })

/** Puts `amount` calls on the lane and gives their subjects. */
export const publishCalls = async (
  broker: Broker,
  lane: Lane,
  amount: number,
  run: RunAddress = newRun()
): Promise<ReadonlyArray<string>> => {
  const subjects = Array.from({ length: amount }, (_, place) =>
    callIn(broker, lane, run, String(place))
  )
  await Promise.all(subjects.map((subject) => broker.publish({ subject, body: bytes(subject) })))
  return subjects
}

export interface Taken {
  readonly calls: Array<Delivery>
  readonly consumption: Consumption
  /** Resolves when that many have arrived in all. */
  arrived(amount: number): Promise<void>
}

/** Takes from the lane, keeping what arrives. */
export const take = async (broker: Broker, lane: Lane, slots = 0): Promise<Taken> => {
  const calls: Array<Delivery> = []
  const consumption = await broker.consume(lane, (delivery) => calls.push(delivery))
  if (slots > 0) consumption.pull(slots)
  return { calls, consumption, arrived: (amount) => eventually(() => calls.length, amount) }
}

/** Waits until the value is what is expected. */
export const eventually = <A>(value: () => A | Promise<A>, expected: A): Promise<void> =>
  expect.poll(value, { timeout: 10_000, interval: 5 }).toEqual(expected)
