/**
 * Looks for a second stream that takes a namespace's records.
 *
 * Within one account a server refuses streams that share subjects. But a leaf node carries what is published on one side to
 * the other, where a stream of the same namespace, in a JetStream of its own, takes it too: everything is then stored and
 * executed twice. A publication that no stream can accept stores nothing, and every stream that would take it says no.
 */
import { createInbox } from "@nats-io/transport-node"
import type { Msg } from "@nats-io/transport-node"
import { kinds } from "../encode/kinds.ts"
import { recordSubject, streamOf } from "../encode/subjects.ts"
import { after } from "../broker/time.ts"
import { HeaderBlock } from "./headers.ts"
import type { Link } from "./connection.ts"

/** For those that answer from the other side of a leaf node, in milliseconds. */
const longest = 2_000

/** How old what is known may be when it is asked for, in milliseconds. */
const fresh = 20_000

/** For those of one stream to agree on who answers, in milliseconds. */
const election = 1_000

/** No stream is named so. */
const impossible = new HeaderBlock("NATS/1.0\r\nNats-Expected-Stream: _\r\n\r\n")

const nothing = new Uint8Array()

export const rivalSubject = (namespace: string): string =>
  recordSubject(namespace, kinds.outcome, { owner: "_", instance: "_", run: "_" })

const nameIn = (message: Msg): string | undefined => {
  try {
    return message.json<{ readonly stream?: string }>().stream
  } catch {
    return undefined
  }
}

/** The streams that take the namespace's records, as soon as there are so `many`; fewer when no more have answered in time. */
export const takersOf = (
  link: Link,
  namespace: string,
  many: number
): Promise<ReadonlyArray<string>> =>
  new Promise((resolve) => {
    const names: Array<string> = []
    // One token deeper than where other answers arrive.
    const reply = createInbox(`${link.inbox}.rival`)
    const end = (): void => {
      late()
      if (!subscription.isClosed()) subscription.unsubscribe()
      resolve(names)
    }
    const late = after(longest, end)
    const subscription = link.subscribe(
      reply,
      (message) => {
        const name = nameIn(message)
        if (name !== undefined) names.push(name)
        // Without a name it was the server: nobody listens.
        if (name === undefined || names.length >= many) end()
      },
      end
    )
    const options = { reply, headers: impossible.forClient }
    link.outbox.post(rivalSubject(namespace), nothing, options, end)
  })

export interface RivalsOptions {
  readonly link: Link
  readonly namespace: string
  readonly say: ((line: string) => void) | undefined
  /** About how long between two looks, in milliseconds. */
  readonly every: number
}

export class Rivals {
  readonly #options: RivalsOptions
  #problem: string | undefined
  #lookedAt = -Infinity
  #stop: (() => void) | undefined
  #forbidden = false
  #ended = false

  constructor(options: RivalsOptions) {
    this.#options = options
    const { link, namespace } = options
    const subject = rivalSubject(namespace)
    // Who may not ask this asks no more: the server logs every refusal.
    link.onRefused((refused) => {
      this.#forbidden ||= refused === subject
    })
    link.onReconnect(() => void this.look())
    void this.look()
  }

  /** What is known; it is looked again where that is old. */
  get problem(): string | undefined {
    if (performance.now() - this.#lookedAt > Math.min(fresh, this.#options.every)) void this.look()
    return this.#problem
  }

  /** Looks from time to time, from now on. */
  watch(): void {
    if (this.#stop !== undefined || this.#ended) return
    // Not in step with others that started at the same moment.
    const pause = this.#options.every * (0.75 + Math.random() / 2)
    this.#stop = after(pause, () => {
      this.#stop = undefined
      void this.look()
      this.watch()
    })
  }

  stop(): void {
    this.#ended = true
    this.#stop?.()
  }

  async look(): Promise<void> {
    if (this.#forbidden) return
    this.#lookedAt = performance.now()
    const names = await this.#takers()
    if (names.length > 1) await this.#found(names)
    else if (names.length === 1) await this.#alone()
  }

  async #takers(): Promise<ReadonlyArray<string>> {
    const { link, namespace } = this.#options
    if (this.#ended || !link.connected()) return []
    return takersOf(link, namespace, 2)
  }

  /** The takers, a while later. */
  async #later(): Promise<ReadonlyArray<string>> {
    await new Promise<void>((again) => void after(Math.min(election, this.#options.every), again))
    return this.#takers()
  }

  /** Believed the second time: a replica that does not know yet that it leads no more answers beside the one that does. */
  async #found(names: ReadonlyArray<string>): Promise<void> {
    if (this.#problem !== undefined) return
    const { link, namespace, say } = this.#options
    const still = await this.#later()
    if (still.length < 2 || this.#problem !== undefined) return
    this.#problem = rivalry(namespace, names, link)
    say?.(`arpeggio: ${this.#problem}`)
  }

  /** Believed the third time: the other may only have been late with its answer. */
  async #alone(): Promise<void> {
    for (let looks = 0; looks < 2; looks++) {
      if (this.#problem === undefined || (await this.#later()).length !== 1) return
    }
    if (this.#problem === undefined) return
    this.#problem = undefined
    const { namespace, say } = this.#options
    say?.(`arpeggio: only one stream takes the records of namespace "${namespace}" again`)
  }
}

const rivalry = (namespace: string, names: ReadonlyArray<string>, link: Link): string => {
  const ours = streamOf(namespace)
  const domain = link.domain === undefined ? "" : ` (its JetStream domain is "${link.domain}")`
  const other = names.find((name) => name !== ours)
  const who =
    other === undefined
      ? `two streams named ${ours} take`
      : `the stream ${other}, too, beside ${ours}, takes`
  return `${who} what is published to namespace "${namespace}" at ${link.server}${domain}: the other is on the other side of a leaf node, or of an export of subjects. Each call is stored in both, executed by the workers of both sides, and confirmed by whichever is quicker. Let all processes use one of them (\`domain\` with the name of its JetStream domain), or give each side a namespace of its own, and delete the stream that is no longer used.`
}

/** Why no stream is made here. */
export const takenElsewhere = (namespace: string, taker: string, link: Link): string => {
  const domain = link.domain === undefined ? "" : ` (JetStream domain "${link.domain}")`
  return `the stream ${streamOf(namespace)} is not at ${link.server}${domain}, but what is published to namespace "${namespace}" there is taken by a stream ${taker} already: it is on the other side of a leaf node, or of an export of subjects. A second stream would store and execute everything twice, so none was created. Give \`domain\` with the name of that stream's JetStream domain to use it, or choose another namespace.`
}
