/** Reads, counts and removes records. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Broker, Stored } from "../broker/broker.ts"
import { elapsed } from "../broker/time.ts"
import { recordMissing, serverFailure } from "./error-codes.ts"
import { type Api, sound } from "./api.ts"
import { failure } from "./messages.ts"
import { recordBytes } from "./flow.ts"
import { gather, type DirectReads, type Page as Found } from "./direct-get.ts"
import type { Delivered } from "./delivery.ts"
import type { Link } from "./connection.ts"
import { readPart } from "./part.ts"
import type { Progress } from "./last-sequence.ts"
import type { Timing } from "./timing.ts"

export interface Reader extends Pick<Broker, "read" | "readAll" | "page" | "count" | "purge"> {
  /** Whether the stream still holds what was delivered, and not another record in its place. */
  isThere(delivered: Delivered): Promise<boolean>
}

interface GetAnswer {
  readonly message: {
    readonly subject: string
    readonly seq: number
    readonly data?: string
    readonly time: string
  }
}

interface SubjectsAnswer {
  readonly total?: number
  readonly state: {
    readonly last_seq: number
    readonly subjects?: Readonly<Record<string, number>>
  }
}

/** What the server reads in one direct request (2.14): more is answered with 413. */
const mostSubjects = 1_000
/** The first page of a read, which mostly is all of it, and those after it; the server goes on until it has sent as much or more. */
const firstBytes = 512 * 1024
const nextBytes = 4 * 1024 * 1024
/** The largest page of subjects the server lists. */
const subjectsPage = 100_000
/** Beyond every subject: the answer is then the total alone, at a third of the time of a list. */
const onlyTotal = 2_000_000_000
const atOnce = 32
/** Between two looks at a stream whose answers are too old, in milliseconds. */
const staleness = 100

export interface ReaderOptions extends DirectReads {
  readonly link: Link
  readonly api: Api
  readonly stream: string
  readonly progress: Progress
  readonly timing: Timing
  readonly replicas: number
}

/** A moment as the server writes it, in nanoseconds since the epoch, as a text. */
const nanoseconds = (time: string): string => {
  const [whole, fraction = ""] = time.replace("Z", "").split(".")
  return `${Date.parse(`${whole}Z`) / 1_000}${fraction.padEnd(9, "0")}`
}

export const makeReader = (options: ReaderOptions): Reader => {
  const { link, api, stream, progress, timing, replicas } = options
  const read: Reader["read"] = async (subject, signal, part) => {
    const doing = `reading ${subject}`
    const request = { last_by_subj: subject }
    if (part !== undefined) {
      const record = await readPart(options, subject, part, signal)
      // A follower may lack it still.
      if (record !== undefined || replicas === 1) return record
    }
    const expects = part === undefined ? recordBytes : Math.ceil((part.bytes * 4) / 3)
    const answer = await api<GetAnswer>(`STREAM.MSG.GET.${stream}`, request, doing, {
      signal,
      expects,
      ...(part === undefined ? {} : { large: part.large })
    })
    if (answer.error?.err_code === recordMissing) return undefined
    if (answer.error !== undefined) throw serverFailure(doing, answer.error)
    const { message } = answer
    progress.note(message.seq)
    return {
      subject: message.subject,
      body: Buffer.from(message.data ?? "", "base64"),
      sequence: message.seq,
      at: Date.parse(message.time)
    }
  }

  const direct = async (
    filters: ReadonlyArray<string>,
    signal: AbortSignal | undefined
  ): Promise<Array<Stored> | undefined> => {
    const doing = `reading ${filters[0]}${filters.length > 1 ? ` and ${filters.length - 1} more` : ""}`
    const all: Array<Stored> = []
    let from: object | undefined = {}
    for (let bytes = firstBytes; from !== undefined; bytes = nextBytes) {
      const request = { multi_last: filters, batch: mostSubjects, max_bytes: bytes, ...from }
      const page: Found = await gather(options, request, { doing, signal })
      if (page.tooMany) return undefined
      for (const record of page.records) all.push(record)
      from = page.next
    }
    return all
  }

  /** What the leader knows of some subjects; an answer from before what we know to be stored is not taken. */
  const inform = async (
    request: object,
    doing: string,
    signal: AbortSignal | undefined
  ): Promise<SubjectsAnswer> => {
    const end = elapsed() + timing.overall
    for (;;) {
      const answer = sound(
        doing,
        await api<SubjectsAnswer>(`STREAM.INFO.${stream}`, request, doing, { signal })
      )
      const { last_seq } = answer.state
      if (replicas === 1 || progress.covers(last_seq)) {
        progress.note(last_seq)
        return answer
      }
      if (elapsed() > end || signal?.aborted === true) {
        throw failure(
          "Unreachable",
          `${doing}: the answers end at sequence ${last_seq}, before what the stream has acknowledged to this process. Has it a leader (\`nats stream info ${stream}\`)? If it was restored or made anew, connect again.`
        )
      }
      await sleep(staleness, undefined, { ref: false })
    }
  }

  /** Every subject that holds a record, from the leader, with how many it holds. */
  const subjectsOf = async (
    filter: string,
    signal: AbortSignal | undefined
  ): Promise<Map<string, number>> => {
    const doing = `listing ${filter}`
    const found = new Map<string, number>()
    for (let offset = 0; ; offset += subjectsPage) {
      const request = { subjects_filter: filter, offset }
      const answer = await inform(request, doing, signal)
      for (const [subject, held] of Object.entries(answer.state.subjects ?? {})) {
        found.set(subject, held)
      }
      if (offset + subjectsPage >= (answer.total ?? 0)) return found
    }
  }

  const each = async <Item>(
    items: ReadonlyArray<Item>,
    width: number,
    work: (item: Item) => Promise<void>
  ): Promise<void> => {
    let next = 0
    const run = async (): Promise<void> => {
      while (next < items.length) {
        const item = items[next]!
        next += 1
        await work(item)
      }
    }
    await Promise.all(Array.from({ length: width }, run))
  }

  /** Requests of many exact subjects stay below what the server takes in one message. */
  const groupsOf = (subjects: Iterable<string>): Array<Array<string>> => {
    const groups: Array<Array<string>> = []
    const room = link.maxPayload() / 2
    let bytes = Number.POSITIVE_INFINITY
    for (const subject of subjects) {
      bytes += Buffer.byteLength(subject) + 3
      if (bytes > room || groups.at(-1)!.length >= mostSubjects) {
        groups.push([])
        bytes = 0
      }
      groups.at(-1)!.push(subject)
    }
    return groups
  }

  const listed = async (
    filter: string,
    signal: AbortSignal | undefined
  ): Promise<ReadonlyArray<Stored>> => {
    const subjects = await subjectsOf(filter, signal)
    const records = new Map<string, Stored>()
    await each(groupsOf(subjects.keys()), 2, async (group) => {
      // An exact subject holds one last record, so a group can never be too many.
      for (const record of (await direct(group, signal)) ?? []) records.set(record.subject, record)
    })
    if (replicas > 1) {
      const doubtful = [...subjects].filter(([subject, held]) => held > 1 || !records.has(subject))
      await each(doubtful, atOnce, async ([subject]) => {
        const record = await read(subject, signal)
        if (record === undefined) records.delete(subject)
        else records.set(subject, record)
      })
    }
    return [...records.values()]
  }

  return {
    read,
    /**
     * Nothing that the leader had when this began is missing. With one replica that is one direct read; with several a
     * follower answers direct reads and may lag, so the leader lists the subjects, and what the follower lacks, or holds
     * more than once, is read from the leader. A record written again meanwhile may come in either version.
     */
    readAll: async (filter, signal) => {
      const records = replicas > 1 ? undefined : await direct([filter], signal)
      return records ?? listed(filter, signal)
    },
    page: async (filter, limit, from = 1, signal) => {
      const batch = Math.min(limit, mostSubjects)
      const request = { next_by_subj: filter, seq: from, batch, max_bytes: nextBytes }
      const doing = `paging ${filter}`
      const { records, next } = await gather(options, request, { doing, signal })
      return { records, next: next?.seq }
    },
    count: async (filter, signal) => {
      const doing = `counting ${filter}`
      const answer = await inform({ subjects_filter: filter, offset: onlyTotal }, doing, signal)
      return answer.total ?? 0
    },
    purge: async (filter, upTo, signal) => {
      const doing = `removing ${filter}`
      // The server removes what comes before the number it is given.
      const request = upTo === undefined ? { filter } : { filter, seq: upTo + 1 }
      sound(doing, await api<object>(`STREAM.PURGE.${stream}`, request, doing, { signal }))
    },
    isThere: async ({ sequence, time }) => {
      const request = { seq: sequence }
      const answer = await api<GetAnswer>(`STREAM.MSG.GET.${stream}`, request, "looking at a call")
      return answer.error === undefined && nanoseconds(answer.message.time) === time
    }
  }
}
