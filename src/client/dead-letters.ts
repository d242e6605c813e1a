/** What can be done about dead letters: list them, read one, start its run again, drop it. */
import { ContractError } from "../define/errors.ts"
import type { Json } from "../define/plan.ts"
import type { Print } from "../define/print.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import { whyNotQueue } from "../define/name.ts"
import { received } from "../define/describe-value.ts"
import { Unreadable } from "../encode/codec.ts"
import type { Reference } from "../encode/value-ref.ts"
import { parseSubject, runIdOf, systemQueue } from "../encode/subjects.ts"
import {
  beginnerIn,
  bodyOf,
  findDead,
  freeRun,
  keepWithin,
  obstacleIn,
  pageOfDead,
  redrivable,
  redrive,
  removeDead,
  saidIn,
  type Dead,
  type Records
} from "../engine/index.ts"
import { callerOf, pointAt } from "../result/call-site.ts"
import type {
  DeadLetter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetters,
  OpenedDeadLetter,
  RedriveOptions,
  RedrivenRun
} from "../result/dead-letter.ts"
import { NotRedrivable, UnknownDeadLetter } from "../result/errors.ts"
import type { WaitOptions } from "../result/wait.ts"
import { isFinal } from "../broker/errors.ts"
import { bounded, recordsUntil } from "./bounded.ts"
import { waitNames } from "./given.ts"
import { makeWarning, whyNotTaken } from "./redriving.ts"

/** How many dead letters of a page are looked into at a time. */
const width = 8

const most = 1_000

const redriveNames: Names<RedriveOptions> = { queue: true, ...waitNames }

const queryNames: Names<DeadLetterQuery> = { task: true, limit: true, from: true, ...waitNames }

export const deadLettersOf = (records: Records, print: Print): DeadLetters => {
  const warning = makeWarning(records.broker, print)
  return {
    list: pointed(async (query: DeadLetterQuery = {}) => {
      refuseUnknown("deadLetters.list", query, queryNames)
      return bounded(records.broker, query, (signal) =>
        verbsOver(recordsUntil(records, signal)).list(query)
      )
    }),
    read: ofOne(records, "read", (verbs, id) => verbs.read(id)),
    redrive: pointed(async (id: string, options: RedriveOptions = {}) => {
      refuseUnknown("deadLetters.redrive", options, redriveNames)
      const queue = checkedQueue(options)
      const run = await bounded(records.broker, options, (signal) =>
        verbsOver(recordsUntil(records, signal)).redrive(id, queue)
      )
      return { ...run, ...(await warning(queue)) }
    }),
    drop: ofOne(records, "drop", (verbs, id) => verbs.drop(id))
  }
}

type Verbs = ReturnType<typeof verbsOver>

const ofOne = <A>(
  records: Records,
  name: string,
  verb: (verbs: Verbs, id: string) => Promise<A>
): ((id: string, options?: WaitOptions) => Promise<A>) =>
  pointed(async (id: string, options: WaitOptions = {}) => {
    refuseUnknown(`deadLetters.${name}`, options, waitNames)
    return bounded(records.broker, options, (signal) =>
      verb(verbsOver(recordsUntil(records, signal)), id)
    )
  })

const verbsOver = (records: Records) => {
  const find = async (id: string): Promise<Dead> => {
    const dead = await findDead(records, String(id))
    if (dead !== undefined) return dead
    throw unknown(id)
  }
  const unknown = (id: string): UnknownDeadLetter =>
    new UnknownDeadLetter({
      letter: String(id),
      message: `there is no dead letter ${JSON.stringify(String(id).slice(0, 120))} in namespace "${records.namespace}": it was redriven, perhaps with another one of its run, or dropped, or the id is wrong. deadLetters.list() shows those that are there.`
    })
  const list = async (query: DeadLetterQuery = {}): Promise<DeadLetterPage> => {
    const { limit, from } = checked(query)
    const found: Array<Dead> = []
    let next = from
    do {
      const page = await pageOfDead(records, limit - found.length, next)
      for (const dead of page.letters) {
        if (query.task === undefined || taskOf(dead) === query.task) found.push(dead)
      }
      next = page.next
    } while (next !== undefined && found.length < limit)
    const letters: Array<DeadLetter> = []
    for (let at = 0; at < found.length; at += width) {
      const some = found.slice(at, at + width).map((dead) => describe(records, dead))
      letters.push(...(await Promise.all(some)))
    }
    return { letters, next: next === undefined ? undefined : String(next) }
  }
  const read = async (id: string): Promise<OpenedDeadLetter> => {
    const dead = await find(id)
    const body = await bodyOf(records, dead)
    const letter = await describe(records, dead)
    return { ...letter, arguments: await argumentsIn(records, dead, body), body }
  }
  const redriveOne = async (id: string, queue: string | undefined): Promise<RedrivenRun> => {
    const from = await redrivable(records, await find(id))
    if (typeof from === "string") throw notRedrivable(id, from)
    if (queue !== undefined && queueIn(from.dead) === systemQueue) {
      throw notRedrivable(
        id,
        "it is no call of a task, and cannot be put on another queue: redrive it without one"
      )
    }
    try {
      const address = await redrive(records, from, queue)
      if (address === undefined) throw unknown(id)
      return { id: runIdOf(address) }
    } catch (cause) {
      if (cause instanceof Unreadable) throw notRedrivable(id, obstacleIn("its run has", cause))
      throw whyNotTaken(id, cause)
    }
  }
  const drop = async (id: string): Promise<void> => {
    const dead = await find(id)
    const beginner = beginnerIn(await bodyOf(records, dead))
    const keep = keepWithin(typeof beginner === "string" ? 0 : beginner.message.keep)
    const remove = (): Promise<void> => removeDead(records, dead)
    return dead.run === undefined
      ? remove()
      : freeRun(records, { address: dead.address, keep }, remove)
  }
  return { list, read, redrive: redriveOne, drop }
}

/** The same verb, whose errors point at the line that asked. */
const pointed = <Given extends ReadonlyArray<unknown>, A>(
  verb: (...given: Given) => Promise<A>
): ((...given: Given) => Promise<A>) => {
  const asked = async (...given: Given): Promise<A> => {
    const caller = callerOf(asked)
    try {
      return await verb(...given)
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }
  return asked
}

const checked = ({ limit = 100, from }: DeadLetterQuery) => {
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    const message = `limit is a whole number from 1 to ${most}, not ${received(limit)}: read more with from, page after page`
    throw new ContractError({ task: "", message })
  }
  if (from !== undefined && !/^\d{1,16}$/.test(from)) {
    const message = `from is what the page before gave as next, not ${received(from)}`
    throw new ContractError({ task: "", message })
  }
  return { limit, from: from === undefined ? undefined : Number(from) }
}

const checkedQueue = ({ queue }: RedriveOptions): string | undefined => {
  const wrong = queue === undefined ? undefined : whyNotQueue(queue)
  if (wrong === undefined) return queue
  throw new ContractError({ task: "", message: `redrive: ${wrong}` })
}

const notRedrivable = (letter: string, why: string): NotRedrivable =>
  new NotRedrivable({ letter, message: `dead letter ${letter} cannot be redriven: ${why}` })

const taskOf = (dead: Dead): string | undefined => {
  const said = saidIn(dead)
  if (said === undefined) return undefined
  const named = said.task ?? parseSubject(said.subject)?.task
  return named === "_" ? undefined : named
}

const queueIn = (dead: Dead): string | undefined => parseSubject(saidIn(dead)?.subject ?? "")?.queue

const describe = async (records: Records, dead: Dead): Promise<DeadLetter> => {
  const { id, run, record, stored } = dead
  const said = saidIn(dead)
  const found = await redrivable(records, dead)
  const obstacle = typeof found === "string" ? found : undefined
  return {
    id,
    run,
    subject: said?.subject ?? record,
    task: taskOf(dead),
    step: said?.step,
    attempt: said?.attempt,
    queue: queueIn(dead),
    // Of a letter that cannot be read, that is all there is to say.
    reason: said?.reason ?? obstacle ?? "it cannot be read",
    worker: said?.worker ?? "",
    at: new Date(said?.at ?? stored),
    losses: said?.losses ?? 0,
    lost: (said?.lost ?? []).map(({ worker, began }) => ({ worker, began: new Date(began) })),
    lastWords: said?.words,
    size: said?.size ?? dead.inline?.byteLength ?? 0,
    obstacle
  }
}

/** What the call was given, wherever that is kept. */
const argumentsIn = async (
  records: Records,
  { address }: Dead,
  body: Uint8Array
): Promise<Json | undefined> => {
  const read = beginnerIn(body)
  if (typeof read === "string") return undefined
  const { message, slots } = read
  const text = (reference: Reference): Promise<string> => records.resolve(address, { reference })
  try {
    if (message.kind === "expand") {
      return parse(message.input === undefined ? (slots[0] ?? "null") : await text(message.input))
    }
    if (message.args !== undefined) return parse(await text(message.args))
    const given = parse(slots[0] ?? "[]") as ReadonlyArray<Json>
    const { first, open = 0 } = message
    return first === undefined ? given : given.toSpliced(open, 0, parse(await text(first)))
  } catch (cause) {
    const silent = cause instanceof SyntaxError || cause instanceof Unreadable
    if (isFinal(cause) || silent) return undefined
    throw cause
  }
}

const parse = (text: string): Json => JSON.parse(text) as Json
