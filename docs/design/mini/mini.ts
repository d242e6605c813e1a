/** Arpeggio in a hundred lines: what a client, a worker and the broker say to each other. README.md beside it reads it from top to bottom. */

/** A workflow as it travels: plain data. */
export type Plan =
  | { readonly kind: "call"; readonly task: string; readonly args: ReadonlyArray<unknown> }
  | { readonly kind: "chain"; readonly children: ReadonlyArray<Plan> }
  | { readonly kind: "group"; readonly children: ReadonlyArray<Plan> }

export type Handler = (...args: ReadonlyArray<never>) => unknown

/** A function that describes a call of the handler, and executes nothing. */
export const task = (name: string, handler: Handler) => {
  const call = (...args: ReadonlyArray<unknown>): Plan => ({ kind: "call", task: name, args })
  return Object.assign(call, { task: name, handler })
}
export const chain = (...children: ReadonlyArray<Plan>): Plan => ({ kind: "chain", children })
export const group = (...children: ReadonlyArray<Plan>): Plan => ({ kind: "group", children })

/** Everything a worker needs to go on with a run: the whole plan, which node of it is to be done, and what arrives there. */
export interface Message {
  readonly run: string
  readonly plan: Plan
  /** The node's place: "0" is the root, "0.2" its third child. */
  readonly at: string
  readonly input: ReadonlyArray<unknown>
}

/** How a node has ended. */
export type Outcome = { readonly value: unknown } | { readonly error: string }

export const lease = 30

/** What is asked of a broker: records that are stored once, and messages that are handed out until they are acked. */
export class Broker {
  now = 0
  readonly #outcomes = new Map<string, Outcome>()
  readonly #queue = new Map<string, { readonly message: Message; leasedUntil: number }>()

  /** Stores an outcome unless there is one. Gives what is stored. */
  async commit(subject: string, offered: Outcome): Promise<Outcome> {
    const stored = this.#outcomes.get(subject) ?? offered
    this.#outcomes.set(subject, stored)
    return stored
  }

  async read(subject: string): Promise<Outcome | undefined> {
    return this.#outcomes.get(subject)
  }

  /** How many of the node's children have ended. */
  async count(subject: string): Promise<number> {
    const children = [...this.#outcomes.keys()].filter((key) => parentOf(key) === subject)
    return children.length
  }

  async publish(message: Message): Promise<void> {
    const id = subjectOf(message)
    if (!this.#queue.has(id)) this.#queue.set(id, { message, leasedUntil: 0 })
  }

  /** The oldest message that nobody holds, or whose holder has not acked it in time. */
  async pull(): Promise<Message | undefined> {
    const free = [...this.#queue.values()].find(({ leasedUntil }) => leasedUntil <= this.now)
    if (free !== undefined) free.leasedUntil = this.now + lease
    return free?.message
  }

  async ack(message: Message): Promise<void> {
    this.#queue.delete(subjectOf(message))
  }
}

const subjectOf = ({ run, at }: Pick<Message, "run" | "at">): string => `${run}.${at}`
const parentOf = (place: string): string => place.slice(0, Math.max(0, place.lastIndexOf(".")))
const childrenOf = (node: Plan): ReadonlyArray<Plan> => (node.kind === "call" ? [] : node.children)

const nodeAt = (plan: Plan, at: string): Plan => {
  const [, ...numbers] = at.split(".").map(Number)
  return numbers.reduce((node, number) => childrenOf(node)[number]!, plan)
}

/** A client does no more than this, and may end. */
export const start = (broker: Broker, run: string, plan: Plan): Promise<void> =>
  broker.publish({ run, plan, at: "0", input: [] })

/** Does one message, from the lease to the ack. Gives whether there was one. */
export const work = async (
  broker: Broker,
  handlers: ReadonlyMap<string, Handler>
): Promise<boolean> => {
  const message = await broker.pull()
  if (message === undefined) return false
  const node = nodeAt(message.plan, message.at)
  if (node.kind === "call") {
    const known = await broker.read(subjectOf(message))
    const handler = handlers.get(node.task)!
    const outcome = known ?? (await execute(handler, [...message.input, ...node.args]))
    await decide(broker, message, outcome)
  } else {
    await begin(broker, message, node)
  }
  await broker.ack(message)
  return true
}

const execute = async (handler: Handler, args: ReadonlyArray<unknown>): Promise<Outcome> => {
  try {
    return { value: await handler(...(args as ReadonlyArray<never>)) }
  } catch (cause) {
    return { error: String(cause) }
  }
}

/** Begins what is no call: a chain with its first step, a group with all its members; one without members has ended. */
const begin = async (broker: Broker, message: Message, node: Plan): Promise<void> => {
  const first = node.kind === "chain" ? 1 : Infinity
  for (const number of childrenOf(node).slice(0, first).keys()) {
    await broker.publish({ ...message, at: `${message.at}.${number}` })
  }
  if (childrenOf(node).length === 0) await join(broker, message, node)
}

/** Stores how a node has ended, and goes on from what is stored, whoever stored it. */
const decide = async (broker: Broker, message: Message, offered: Outcome): Promise<void> => {
  const outcome = await broker.commit(subjectOf(message), offered)
  const up = { ...message, at: parentOf(message.at) }
  if (up.at === "") return
  const parent = nodeAt(message.plan, up.at)
  const next = Number(message.at.slice(up.at.length + 1)) + 1
  if ("error" in outcome) return decide(broker, up, outcome)
  if (parent.kind === "group") return join(broker, up, parent)
  if (next === childrenOf(parent).length) return decide(broker, up, outcome)
  return broker.publish({ ...message, at: `${up.at}.${next}`, input: [outcome.value] })
}

/** Ends a group when all of its members have ended: whoever counts so many does it, and more than one may. */
const join = async (broker: Broker, message: Message, node: Plan): Promise<void> => {
  const places = [...childrenOf(node).keys()].map((number) => `${subjectOf(message)}.${number}`)
  if ((await broker.count(subjectOf(message))) < places.length) return
  const ended = await Promise.all(places.map((place) => broker.read(place)))
  const failed = ended.find((outcome) => outcome !== undefined && "error" in outcome)
  const values = ended.map((outcome) => (outcome as { readonly value: unknown }).value)
  await decide(broker, message, failed ?? { value: values })
}
