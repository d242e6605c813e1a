/** Looks at the stream with a connection of its own, past everything that is tested. */
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { addressOf, streamOf } from "../../src/encode/subjects.ts"
import type { Processes } from "./processes.ts"

interface StreamInfo {
  readonly error?: { readonly description: string }
  readonly total?: number
  readonly state?: { readonly messages?: number; readonly subjects?: Record<string, number> }
}

/** A durable consumer, and what it still has to hand out and to hear of. */
export interface ConsumerState {
  readonly name: string
  readonly pending: number
  readonly unacked: number
}

interface ConsumerList {
  readonly consumers?: ReadonlyArray<{
    readonly name: string
    readonly num_pending: number
    readonly num_ack_pending: number
  }>
}

/** By which the server knows it: it hears every answer to everybody, and may read too slowly for that. */
export const inspectorName = "inspector"

/** How many runs evidence is given for. */
const shown = 8

export class Inspector {
  readonly connection: NatsConnection
  readonly #namespace: string
  /** How often the outcome of a run was republished, by the run's subject. */
  readonly replies = new Map<string, number>()
  readonly #firstTold = new Map<string, number>()
  /** Runs that were told again, and how long after the first time, in milliseconds. */
  readonly twice: Array<{ readonly subject: string; readonly after: number }> = []

  private constructor(connection: NatsConnection, namespace: string) {
    this.connection = connection
    this.#namespace = namespace
    connection.subscribe(`_INBOX.${namespace}.*.*.*`, {
      callback: (error, { subject }) => {
        // `_` is no owner: answers to requests arrive there.
        if (error !== null || subject.startsWith(`_INBOX.${namespace}._.`)) return
        this.replies.set(subject, (this.replies.get(subject) ?? 0) + 1)
        const first = this.#firstTold.get(subject)
        if (first === undefined) this.#firstTold.set(subject, Date.now())
        else this.twice.push({ subject, after: Date.now() - first })
      }
    })
  }

  static async connect(servers: string, namespace: string): Promise<Inspector> {
    const connection = await connect({
      servers: servers.split(","),
      name: inspectorName,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      noAsyncTraces: true
    })
    return new Inspector(connection, namespace)
  }

  close(): Promise<void> {
    return this.connection.close()
  }

  async #api<A>(call: string, request: object): Promise<A> {
    for (let failed = 0; ; failed++) {
      try {
        const answer = await this.connection.request(`$JS.API.${call}`, JSON.stringify(request), {
          timeout: 20_000
        })
        return JSON.parse(answer.string()) as A
      } catch (cause) {
        if (failed > 20) throw cause
      }
    }
  }

  /** How many records stand on every subject that matches. */
  async subjects(filter: string): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    for (;;) {
      const info = await this.#api<StreamInfo>(`STREAM.INFO.${streamOf(this.#namespace)}`, {
        subjects_filter: filter,
        offset: found.size
      })
      if (info.error !== undefined) throw new Error(info.error.description)
      const page = Object.entries(info.state?.subjects ?? {})
      for (const [subject, count] of page) found.set(subject, count)
      if (page.length === 0 || found.size >= (info.total ?? 0)) return found
    }
  }

  /** How many records the stream holds. */
  async messages(): Promise<number> {
    const info = await this.#api<StreamInfo>(`STREAM.INFO.${streamOf(this.#namespace)}`, {})
    return info.state?.messages ?? Number.NaN
  }

  async streams(): Promise<ReadonlyArray<string>> {
    const answer = await this.#api<{ readonly streams?: ReadonlyArray<string> | null }>(
      "STREAM.NAMES",
      {}
    )
    return answer.streams ?? []
  }

  async consumers(): Promise<ReadonlyArray<ConsumerState>> {
    const answer = await this.#api<ConsumerList>(`CONSUMER.LIST.${streamOf(this.#namespace)}`, {})
    return (answer.consumers ?? []).map(({ name, num_pending, num_ack_pending }) => ({
      name,
      pending: num_pending,
      unacked: num_ack_pending
    }))
  }

  /** Forgets the runs that were told first, all but so many. */
  forgetReplies(most: number): void {
    for (const subject of this.replies.keys()) {
      if (this.replies.size <= most) break
      this.replies.delete(subject)
      this.#firstTold.delete(subject)
    }
  }

  /** The subjects of outcomes that hold more than one record, and runs that were told more than one. */
  async doubleCommits(): Promise<ReadonlyArray<string>> {
    const told = [...this.replies].filter(([, count]) => count > 1).map(([subject]) => subject)
    return [...(await this.doubleRecords()), ...told]
  }

  /** The first of them alone. */
  async doubleRecords(): Promise<ReadonlyArray<string>> {
    const outcomes = [
      ...(await this.subjects(`${this.#namespace}.r.>`)),
      ...(await this.subjects(`${this.#namespace}.i.>`))
    ]
    return outcomes.filter(([, count]) => count > 1).map(([subject]) => subject)
  }

  /** The body of the last record on a subject, as text. */
  async text(subject: string): Promise<string> {
    const stream = streamOf(this.#namespace)
    const answer = await this.#api<{ readonly message?: { readonly data?: string } }>(
      `STREAM.MSG.GET.${stream}`,
      { last_by_subj: subject }
    )
    return Buffer.from(answer.message?.data ?? "", "base64").toString()
  }

  /** What is known of runs that are stuck: their records, their executions, and where the consumers stand. */
  async evidence(
    runs: ReadonlyArray<{ readonly id: string; readonly what: string }>,
    processes: Pick<Processes, "ledger" | "logged">
  ): Promise<string> {
    try {
      const lines = [`${runs.length} runs without their result`]
      const entries = runs.length === 0 ? [] : await processes.ledger()
      for (const { id, what } of runs.slice(0, shown)) {
        lines.push(`${id}: ${what}`, ...(await this.#records(id)))
        const own = entries.filter(({ run }) => run === id)
        lines.push(...own.map((entry) => `  ledger ${JSON.stringify(entry)}`))
        lines.push(...(await processes.logged(new RegExp(id))).map((line) => `  log ${line}`))
      }
      const stream = streamOf(this.#namespace)
      const { streams: _, ...consumers } = await this.#api<Record<string, unknown>>(
        `CONSUMER.LIST.${stream}`,
        {}
      )
      lines.push(JSON.stringify(consumers))
      return lines.join("\n")
    } catch (cause) {
      return `no evidence could be read: ${String(cause)}`
    }
  }

  async #records(id: string): Promise<ReadonlyArray<string>> {
    const address = addressOf(id)
    if (address === undefined) return []
    const { owner, instance, run } = address
    const subjects = await this.subjects(
      `${this.#namespace}.*.*.*.*.${owner}.${instance}.${run}.*.*`
    )
    return Promise.all(
      [...subjects].map(
        async ([subject, count]) =>
          `  ${count} × ${subject} ${JSON.stringify((await this.text(subject)).slice(0, 1_500))}`
      )
    )
  }
}
