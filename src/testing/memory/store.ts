/** What the memory server keeps, and the rules under which it takes a record, keeps it and lets it go. */
import { kinds } from "../../encode/kinds.ts"
import type { Lane, LaneState, Page, Publication, Published, Stored } from "../../broker/broker.ts"
import { BrokerError } from "../../broker/errors.ts"
import type { Timekeeper } from "./clock.ts"
import { hasWildcard } from "./filter.ts"
import { identifiers } from "./dedup-window.ts"
import { memoryLane, type MemoryLane } from "./lane.ts"
import type { Random } from "./random.ts"
import { records, type MemoryRecord } from "./records.ts"

export interface MemoryStore {
  publish(publication: Publication): Published
  publishTogether(publications: ReadonlyArray<Publication>): Published
  read(subject: string): Stored | undefined
  readAll(filter: string): ReadonlyArray<Stored>
  page(filter: string, limit: number, from?: number): Page
  count(filter: string): number
  /** Every record that matches, also those behind the last of their subject, in the order in which they were stored. */
  all(filter: string): ReadonlyArray<Stored>
  purge(filter: string, upTo?: number): void
  /** Takes hold of every timer that matches, as the server does when its time has come; what is given back fires them. */
  seize(filter: string): () => void
  remove(record: MemoryRecord): void
  lane(lane: Lane): MemoryLane
  lanes(): ReadonlyArray<LaneState>
  forgetIdentifiers(): void
}

export interface StoreOptions {
  readonly namespace: string
  readonly clock: Timekeeper
  readonly lease: number
  readonly duplicateWindow: number
  readonly random: Random | undefined
  /** Told of every outcome of a run as it is stored. */
  readonly onOutcome: (record: MemoryRecord) => void
}

const view = ({ subject, body, sequence, at }: MemoryRecord): Stored => ({
  subject,
  body: new Uint8Array(body),
  sequence,
  at
})

export const memoryStore = (options: StoreOptions): MemoryStore => {
  const { clock, random } = options
  const kept = records()
  const ids = identifiers(() => clock.now(), options.duplicateWindow)
  const lanes = new Map<string, MemoryLane>()
  /** Where each timer puts its call. */
  const targets = new WeakMap<MemoryRecord, string>()
  let sequence = 0

  const lane = ({ queue, level }: Lane): MemoryLane => {
    const name = `${queue}.${level}`
    const found = lanes.get(name) ?? memoryLane({ clock, random, lease: options.lease })
    lanes.set(name, found)
    return found
  }
  const tokensOf = (subject: string): ReadonlyArray<string> => {
    const tokens = subject.split(".")
    if (tokens.length === 10 && tokens[0] === options.namespace && !hasWildcard(tokens))
      return tokens
    throw new BrokerError({
      reason: "Refused",
      message: `No record can be stored on "${subject}": it is not one exact subject of the namespace "${options.namespace}". Its likely cause is another namespace, or a filter given as a subject: build it from the namespace in the broker's facts, without wildcards.`
    })
  }
  const remove = (record: MemoryRecord): void => {
    if (record.removed) return
    record.removed = true
    clock.cancel(record.end)
    clock.cancel(record.lease)
    kept.remove(record)
  }
  const put = (subject: string, body: Uint8Array, timer?: string): MemoryRecord => {
    const record: MemoryRecord = {
      subject,
      tokens: tokensOf(subject),
      body,
      at: clock.now(),
      sequence: ++sequence,
      timer,
      end: undefined,
      deliveries: 0,
      lease: undefined,
      removed: false
    }
    kept.add(record)
    const [, kind, queue, level] = record.tokens
    if (kind === kinds.call) lane({ queue: queue!, level: level! }).offer(record)
    if (kind === kinds.runOutcome) options.onOutcome(record)
    return record
  }
  /** Whatever stands on the timer's subject by then goes, as on the real server: also one that was set meanwhile. */
  const fire = ({ subject, body }: MemoryRecord, target: string): void => {
    for (const record of kept.matching(subject).flat()) remove(record)
    put(target, body, subject)
  }
  const putTimer = (
    subject: string,
    body: Uint8Array,
    time: number,
    target: string
  ): MemoryRecord => {
    tokensOf(target)
    const replaced = kept.matching(subject).flat()
    for (const record of replaced) remove(record)
    const timer = put(subject, body)
    timer.end = clock.at(time, () => fire(timer, target))
    targets.set(timer, target)
    return timer
  }
  const isTaken = ({ unless, given }: Publication): boolean =>
    (unless !== undefined && kept.last(unless) !== undefined) ||
    (given !== undefined && (kept.last(given.subject)?.sequence ?? 0) !== given.sequence)
  const publish = (publication: Publication): Published => {
    const { subject, body, id, ttl, fire, replaces } = publication
    tokensOf(subject)
    const repeated = (): boolean => id !== undefined && ids.has(id)
    // A single server looks at the precondition first, a cluster at the id; a seed plays both.
    const idFirst = random !== undefined && random() < 0.5
    if (idFirst && repeated()) return { stored: true, duplicate: true }
    if (isTaken(publication)) return { stored: false }
    if (repeated()) return { stored: true, duplicate: true }
    if (replaces === true) for (const before of kept.matching(subject).flat()) remove(before)
    const record =
      fire === undefined ? put(subject, body) : putTimer(subject, body, fire.time, fire.target)
    if (ttl !== undefined && fire === undefined)
      record.end = clock.at(record.at + ttl, () => remove(record))
    if (id !== undefined) ids.add(id, record)
    return { stored: true, duplicate: false }
  }
  const ordered = (filter: string): ReadonlyArray<MemoryRecord> =>
    kept
      .matching(filter)
      .flat()
      .toSorted((left, right) => left.sequence - right.sequence)
  return {
    publish,
    publishTogether: (publications) => {
      for (const { subject } of publications) tokensOf(subject)
      if (publications.some(isTaken)) return { stored: false }
      for (const publication of publications) publish(publication)
      return { stored: true, duplicate: false }
    },
    seize: (filter) => {
      const seized = kept
        .matching(filter)
        .flat()
        .flatMap((timer) => {
          const target = targets.get(timer)
          return target === undefined ? [] : [{ timer, target }]
        })
      for (const { timer } of seized) clock.cancel(timer.end)
      return () => {
        for (const { timer, target } of seized) fire(timer, target)
      }
    },
    remove,
    lane,
    lanes: () =>
      [...lanes].map(([name, lane]) => {
        const [queue, level] = name.split(".") as [string, string]
        const held = kept.matching(`${options.namespace}.${kinds.call}.${name}.>`).flat()
        const out = held.filter(({ deliveries }) => deliveries > 0).length
        const pending = held.length - out
        const mark = `${lane.handed()} ${out}`
        return { queue, level, pending, out, asking: lane.waiting(), upTo: lane.upTo(), mark }
      }),
    read: (subject) => {
      const record = kept.last(subject)
      return record === undefined ? undefined : view(record)
    },
    readAll: (filter) => kept.matching(filter).map((subject) => view(subject.at(-1)!)),
    page: (filter, limit, from = 0) => {
      const onwards = ordered(filter).filter((record) => record.sequence >= from)
      return { records: onwards.slice(0, limit).map(view), next: onwards[limit]?.sequence }
    },
    count: (filter) => kept.count(filter),
    all: (filter) => ordered(filter).map(view),
    purge: (filter, upTo = Number.POSITIVE_INFINITY) => {
      for (const record of kept.matching(filter).flat()) {
        if (record.sequence <= upTo) remove(record)
      }
    },
    forgetIdentifiers: ids.rebuild
  }
}
