/**
 * Every subject Arpeggio uses, spelled here and nowhere else.
 *
 * All records of a namespace live in one stream and share one token layout, so that a single filter finds a queue, a
 * task, an owner, a run or one scope of a run; tokens that do not apply are `_`:
 *
 *     <namespace>.<kind>.<queue>.<level>.<task>.<owner>.<instance>.<run>.<node>.<index>
 */
import { createHash } from "node:crypto"
import { type Kind, kinds } from "./kinds.ts"

/** Where a run belongs: `owner` is the permission unit, `instance` one process, `run` the rest of the id. */
export interface RunAddress {
  readonly owner: string
  readonly instance: string
  readonly run: string
}

/** The run's id as users see it. */
export const runIdOf = (address: RunAddress): string =>
  `${address.owner}-${address.instance}-${address.run}`

/** The process that a keyed run counts as: one for each key, so that the id says which key holds the run. */
export const instanceOfKey = (key: string): string => {
  // As JSON, which escapes half a surrogate pair: in bytes all of them would be one character.
  const digest = createHash("sha256").update(JSON.stringify(key)).digest()
  return `k${digest.readBigUInt64BE().toString(36).padStart(13, "0").slice(-11)}`
}

/** Whether a run was started with a key. */
export const isKeyed = ({ instance }: RunAddress): boolean => /^k.{11}$/.test(instance)

/** The record that holds the key of a keyed run. */
export const keySubject = (namespace: string, { owner, instance }: RunAddress): string =>
  recordSubject(namespace, kinds.key, { owner, instance, run: "_" })

/** Whether these tokens can be a run's: nothing in them stands for several subjects. */
export const isAddress = ({ owner, instance, run }: RunAddress): boolean =>
  runId.test(`${owner}-${instance}-${run}`)

const runId = /^([A-Za-z0-9]{1,16})-([A-Za-z0-9]{1,12})-([A-Za-z0-9]{10,24})$/

/** The address inside a run's id, or `undefined` when it is not one of ours. */
export const addressOf = (id: string): RunAddress | undefined => {
  const match = runId.exec(id)
  if (match === null) return undefined
  return { owner: match[1]!, instance: match[2]!, run: match[3]! }
}

/** A task's name as one token. */
const taskToken = (task: string): string => (task.includes(".") ? task.replaceAll(".", "/") : task)

/** The stream that holds a namespace. */
export const streamOf = (namespace: string): string => `arpeggio-${namespace}`

/** Everything a namespace's stream takes. */
export const streamSubjects = (namespace: string): string => `${namespace}.*.*.*.*.*.*.*.*.*`

/** Outcomes of runs, and the inbox subject each is republished to. */
export const republication = (
  namespace: string
): { readonly src: string; readonly dest: string } => ({
  src: `${namespace}.${kinds.runOutcome}.*.*.*.*.*.*.*.*`,
  dest: `_INBOX.${namespace}.{{wildcard(4)}}.{{wildcard(5)}}.{{wildcard(6)}}`
})

/** Where outcomes of an instance's runs arrive; of one run when it is named. */
export const inboxOf = (namespace: string, owner: string, instance: string, run = "*"): string =>
  `_INBOX.${namespace}.${owner}.${instance}.${run}`

/** The system lane: expansion and housekeeping, served by every worker. */
export const systemQueue = "_"

/** The level of the system lane for ticks of schedules: thousands of them never stand before a cancel. */
export const tickLevel = "c"

/** The only level there is today; the token is there because overlapping filters cannot be added later. */
export const normalLevel = "0"

/** What a lane's durable consumer takes. */
export const laneFilter = (namespace: string, queue: string, level: string): string =>
  `${namespace}.${kinds.call}.${queue}.${level}.>`

const ticks = "system-ticks"

/** The name of a lane's durable consumer. */
export const consumerOf = (queue: string, level: string): string =>
  queue !== systemQueue ? `queue-${queue}-${level}` : level === tickLevel ? ticks : "system"

/** The lane that a durable consumer stands on, by its name; none where it is not ours. */
export const laneOf = (
  consumer: string
): { readonly queue: string; readonly level: string } | undefined => {
  if (consumer === "system") return { queue: systemQueue, level: systemQueue }
  if (consumer === ticks) return { queue: systemQueue, level: tickLevel }
  const match = /^queue-([A-Za-z0-9-]{1,32})-([A-Za-z0-9]+)$/.exec(consumer)
  return match === null ? undefined : { queue: match[1]!, level: match[2]! }
}

export const callSubject = (
  namespace: string,
  { owner, instance, run }: RunAddress,
  call: {
    readonly queue: string
    readonly level: string
    readonly task: string
    readonly node: string
    readonly index: string
  }
): string =>
  `${namespace}.${kinds.call}.${call.queue}.${call.level}.${taskToken(call.task)}.${owner}.${instance}.${run}.${call.node}.${call.index}`

/** A call on the system lane, where a name says what it asks for. */
export const systemSubject = (
  namespace: string,
  address: RunAddress,
  node: string,
  index = "_"
): string =>
  callSubject(namespace, address, {
    queue: systemQueue,
    level: systemQueue,
    task: "_",
    node,
    index
  })

const cancelName = "cancel"

/** The call that asks for a run to be cancelled. */
export const cancelSubject = (namespace: string, address: RunAddress): string =>
  systemSubject(namespace, address, cancelName)

/** Whether a call of the system lane is such a cancel. */
export const isCancel = ({ queue, node }: Pick<SubjectParts, "queue" | "node">): boolean =>
  queue === systemQueue && node === cancelName

/** The cancels of all runs that are not carried out yet. */
export const cancelsFilter = (namespace: string): string =>
  cancelSubject(namespace, { owner: "*", instance: "*", run: "*" })

/** A record of a run that is not a call. `node` and `index` may be `*` to make a filter. */
export const recordSubject = (
  namespace: string,
  kind: Exclude<Kind, typeof kinds.call>,
  address: RunAddress,
  node = "_",
  index = "_"
): string =>
  `${namespace}.${kind}._._._.${address.owner}.${address.instance}.${address.run}.${node}.${index}`

/**
 * A timer of a run. What is to be asked of many at once stands in the tokens that calls have for queue and task: whether it
 * ends with its run (`e`), and whether a call waits in it (`w`).
 */
export const timerSubject = (
  namespace: string,
  { owner, instance, run }: RunAddress,
  timer: {
    readonly node: string
    readonly index: string
    readonly ends: string
    readonly holds: string
  }
): string =>
  `${namespace}.${kinds.timer}._.${timer.ends}.${timer.holds}.${owner}.${instance}.${run}.${timer.node}.${timer.index}`

/** The record of a frame; all of a run, when the id is `*`. */
export const frameSubject = (namespace: string, address: RunAddress, id: string): string =>
  recordSubject(namespace, kinds.frame, address, id)

/** Where the first message of a run is kept: beside its plans. */
export const startSubject = (namespace: string, address: RunAddress): string =>
  recordSubject(namespace, kinds.frame, address, "start", "start")

/** A dead letter of a run, by its name; `*` for all of them. */
export const deadSubject = (namespace: string, address: RunAddress, name: string): string =>
  recordSubject(namespace, kinds.deadLetter, address, name)

/** Where the body of a dead letter is kept that is too large to stand in it. */
export const deadBodySubject = (namespace: string, address: RunAddress, name: string): string =>
  recordSubject(namespace, kinds.deadLetter, address, name, "body")

/**
 * Every record of one kind that a run has, its calls among them. Only calls have a queue, a level and a task: where those
 * are spelled out, the server finds the run at once, and looks through all records of the kind otherwise.
 */
export const runFilter = (namespace: string, kind: Kind, address: RunAddress): string =>
  kind === kinds.call
    ? `${namespace}.${kind}.*.*.*.${address.owner}.${address.instance}.${address.run}.*.*`
    : kind === kinds.timer
      ? timerSubject(namespace, address, { node: "*", index: "*", ends: "*", holds: "*" })
      : recordSubject(namespace, kind, address, "*", "*")

/** Every record of a run but the calls of its tasks, of whatever kind: also of one that only a newer release knows. */
export const recordsFilter = (namespace: string, { owner, instance, run }: RunAddress): string =>
  `${namespace}.*._.*.*.${owner}.${instance}.${run}.*.*`

/** Those of one kind that this release knows: what `runFilter` finds, but of calls only those of the system lane. */
export const recordsOfKind = (namespace: string, kind: Kind, address: RunAddress): string =>
  recordsFilter(namespace, address).replace("*", kind)

/** The calls of tasks that a run has; not those of the system lane, which look after the run itself. */
export const taskCallsFilter = (namespace: string, address: RunAddress): string =>
  `${namespace}.${kinds.call}.*.${normalLevel}.*.${address.owner}.${address.instance}.${address.run}.*.*`

/** A piece of the ballast: room that is kept back for outcomes. Both parts may be `*` to make a filter. */
export const ballastSubject = (namespace: string, bytes: string, piece: string): string =>
  recordSubject(namespace, kinds.ballast, { owner: "_", instance: "_", run: "_" }, bytes, piece)

/** Says which process stores much now, while room is short. */
export const turnSubject = (namespace: string): string =>
  recordSubject(namespace, kinds.turn, { owner: "_", instance: "_", run: "_" })

/** Every timer of a namespace. */
export const timersFilter = (namespace: string): string =>
  runFilter(namespace, kinds.timer, { owner: "*", instance: "*", run: "*" })

/** What a run has in a lane, be it taken or not. */
export const waitingIn = (
  namespace: string,
  { queue, level }: { readonly queue: string; readonly level: string },
  { owner, instance, run }: RunAddress
): string => `${namespace}.${kinds.call}.${queue}.${level}.*.${owner}.${instance}.${run}.*.*`

/** A core subject, outside the stream: told once to whoever listens. */
export const topicSubject = (namespace: string, topic: string): string =>
  `_ARPEGGIO.${namespace}.${topic}`

/** The tokens of a record's subject. */
export interface SubjectParts extends RunAddress {
  /** Mostly one of `kinds`; a newer release may have others. */
  readonly kind: string
  readonly queue: string
  readonly level: string
  readonly task: string
  readonly node: string
  readonly index: string
}

export const parseSubject = (subject: string): SubjectParts | undefined => {
  const tokens = subject.split(".")
  if (tokens.length !== 10) return undefined
  const [, kind, queue, level, task, owner, instance, run, node, index] = tokens as [
    string,
    string,
    ...Array<string>
  ]
  return {
    kind,
    queue: queue!,
    level: level!,
    task: task!.includes("/") ? task!.replaceAll("/", ".") : task!,
    owner: owner!,
    instance: instance!,
    run: run!,
    node: node!,
    index: index!
  }
}

/** A name of fixed length for a node of an expansion, so that ids do not grow with depth. */
export const derivedNode = (frame: string, node: number, index?: number): string =>
  createHash("sha256")
    .update(index === undefined ? `${frame}/${node}` : `${frame}#${index}/${node}`)
    .digest("base64url")
    .slice(0, 22)
