/**
 * Lets runs of several steps begin, and groups and maps in them grow, while there is room. With little room what has begun
 * goes first: one after another, each as soon as it fits, and a run that has not begun waits until nothing else does. So
 * what has begun finds the room to end, and frees what it has taken.
 */
import { onceThere, type Soon } from "../../define/awaitable.ts"
import type { Broker, Spare } from "../../broker/broker.ts"
import { BrokerError } from "../../broker/errors.ts"
import { Forcing, patience } from "./forcing.ts"
import { Turn } from "./one-at-a-time.ts"

/** Of the room above the line at which starts are refused, this process takes a part at a time: others look at the same room. */
const share = 1 / 4

/** So many wait here; calls of more go to the end of their queues, so that what is behind them is reached. */
const mostHeld = 128

/** So many more may be on their way there. */
const mostLeaving = 128

/** Between two that go there, in milliseconds: each stands in its queue twice for a moment, and they shall not keep everybody busy with going round. */
const pace = 5

/** Where nothing was let in for so long, those that hold a slot make room for what is behind them, faster: they are small. In milliseconds. */
const stagnant = 1_000
const quickPace = 1

/** What takes so little of what is left is not worth a turn. */
const little = 1 / 64

/** Between two looks whether it fits, in milliseconds. */
const beat = 10

/** What does not fit for less is worth no word, in milliseconds. */
const noticeable = 1_000

/** How long room counts as short since something did not fit, in milliseconds. */
const lasting = 10_000

/** Something is not begun now: whoever holds its call gives it back. */
export class NotNow extends BrokerError {
  constructor() {
    super({ reason: "Full", message: "there is little room, and what has begun goes first" })
  }
}

/** What wants to be stored. */
export interface Grows {
  /** About how many bytes. */
  readonly bytes: number
  /** Whether its run begins with it. */
  readonly starts: boolean
  /** Whether it keeps a slot while it waits. */
  readonly inSlot?: boolean
}

export interface GrowthOptions {
  readonly broker: Pick<Broker, "spare" | "after" | "elapsed" | "facts" | "publish" | "purge">
  /** Whether anything of this process waits for room. */
  readonly isShort: () => boolean
  /** Told when another number waits than before. */
  readonly changed: () => void
}

interface Waiting extends Grows {
  readonly go: (leave: () => void) => void
  readonly refuse: () => void
}

export class Growth {
  readonly #options: GrowthOptions
  readonly #turn: Turn
  readonly #forcing: Forcing
  /** Of runs that have begun, and of others. */
  readonly #begun: Array<Waiting> = []
  readonly #starts: Array<Waiting> = []
  /** Bytes of what is being stored. */
  #taken = 0
  #letting = false
  #thinning = false
  #admittedAt = -Infinity
  #shortAt = -Infinity
  /** Since when the first does not fit. */
  #tightAt: number | undefined
  #stopped = false

  constructor(options: GrowthOptions) {
    this.#options = options
    this.#turn = new Turn(options.broker)
    this.#forcing = new Forcing(options.broker)
  }

  get waiting(): number {
    return this.#begun.length + this.#starts.length
  }

  get isCrowded(): boolean {
    return this.waiting >= mostHeld + mostLeaving
  }

  /** Those that cannot begin because the first of them does not fit. */
  get stuck(): number {
    const tight = this.#tightAt !== undefined && this.#now() - this.#tightAt > noticeable
    return tight ? this.waiting : 0
  }

  /** There is so little room that what has ended shall go soon. */
  get isShort(): boolean {
    return this.#options.isShort() || this.#now() - this.#shortAt < lasting
  }

  /** Gives, at once where there is room, what to call when all is stored. Rejects with `NotNow` when it is not to begin. */
  enter(grows: Grows): Soon<() => void> {
    return onceThere(this.#options.broker.spare(grows.bytes + this.#taken), ({ run }) =>
      this.#isRoomy(run, grows) ? this.#let(grows) : this.#wait(grows)
    )
  }

  /** The same around what is stored. */
  async during(grows: Grows, store: () => Promise<void>): Promise<void> {
    const leave = await this.enter(grows)
    try {
      await store()
    } finally {
      leave()
    }
  }

  /** What waits goes back to its queue. */
  stop(): void {
    this.#stopped = true
    for (const { refuse } of [...this.#begun.splice(0), ...this.#starts.splice(0)]) refuse()
  }

  #isRoomy(run: number, { bytes }: Grows): boolean {
    const alone = this.waiting === 0 && !this.#options.isShort()
    return alone && this.#taken + bytes <= run * share
  }

  #let({ bytes }: Grows, besides?: () => void): () => void {
    this.#admittedAt = this.#now()
    this.#taken += bytes
    return () => {
      this.#taken -= bytes
      besides?.()
    }
  }

  #wait(grows: Grows): Promise<() => void> {
    this.#shortAt = this.#now()
    if (this.#stopped) return Promise.reject(new NotNow())
    return new Promise((go, reject) => {
      const refuse = (): void => reject(new NotNow())
      const queue = grows.starts ? this.#starts : this.#begun
      queue.push({ ...grows, go, refuse })
      this.#options.changed()
      this.#thin()
      void this.#letIn()
    })
  }

  /** Lets in, one after another, the first that waits as soon as it fits. */
  async #letIn(): Promise<void> {
    if (this.#letting) return
    this.#letting = true
    while (this.waiting > 0) {
      const next = this.#first
      const leave = await this.#admission(next)
      if (leave === undefined) {
        await new Promise<void>((tell) => this.#options.broker.after(beat, tell))
      } else if (next === this.#first) {
        ;(next.starts ? this.#starts : this.#begun).shift()
        next.go(leave)
        this.#options.changed()
      } else leave()
    }
    this.#tightAt = undefined
    this.#letting = false
  }

  get #first(): Waiting {
    return this.#begun[0] ?? this.#starts[0]!
  }

  async #admission(next: Grows): Promise<(() => void) | undefined> {
    const { broker } = this.#options
    this.#shortAt = this.#now()
    const known = await broker.spare(next.bytes)
    if (!this.#mayGo(known, next)) return undefined
    if (next.bytes <= known.all * little) return this.#admit(known, next)
    if (!(await this.#turn.take())) return undefined
    const give = (): void => this.#turn.give()
    const spare = await broker.spare(Infinity)
    if (this.#mayGo(spare, next)) return this.#admit(spare, next, give)
    give()
    return undefined
  }

  #mayGo(spare: Spare, next: Grows): boolean {
    const now = this.#now()
    if (this.#fits(spare, next)) return true
    this.#tightAt ??= now
    return now - this.#tightAt > patience && this.#forcing.may(spare, next.bytes)
  }

  /** A run that begins leaves room to those that have begun: a third of what is between the two lines. */
  #fits({ run, member }: Spare, { bytes, starts }: Grows): boolean {
    const room = starts ? (run + 2 * member) / 3 : member
    return this.#taken + bytes <= room && !this.#options.isShort()
  }

  #admit(spare: Spare, next: Grows, besides?: () => void): () => void {
    if (!this.#fits(spare, next)) return this.#let(next, this.#forcing.note(next.bytes, besides))
    this.#tightAt = undefined
    return this.#let(next, besides)
  }

  /** Gives back, one after another, those for which there is no place here. */
  #thin(): void {
    if (this.#thinning) return
    this.#thinning = true
    const again = (): void => {
      this.#thinning = false
      if (this.waiting === 0) return
      this.#surplus()?.refuse()
      this.#options.changed()
      this.#thin()
    }
    this.#options.broker.after(this.waiting > mostHeld ? pace : quickPace, again)
  }

  #surplus(): Waiting | undefined {
    if (this.waiting > mostHeld) return this.#starts.pop() ?? this.#begun.pop()
    if (this.#now() - this.#admittedAt < stagnant) return undefined
    const at = this.#starts.findIndex(({ inSlot }) => inSlot === true)
    return at === -1 ? undefined : this.#starts.splice(at, 1)[0]
  }

  #now(): number {
    return this.#options.broker.elapsed()
  }
}
