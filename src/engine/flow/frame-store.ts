/** Keeps frames: written once by compare-and-set before anything in them begins, read back by whoever needs them. */
import { createHash } from "node:crypto"
import type { AnyNode } from "../../define/plan.ts"
import { onceThere, type Soon } from "../../define/awaitable.ts"
import { jsonText } from "../../define/json-text.ts"
import { frameSubject } from "../../encode/subjects.ts"
import type { FrameMessage } from "../../encode/message.ts"
import type { OtherContract } from "../../encode/value-ref.ts"
import { packMessage, unpackKind } from "../../encode/codec.ts"
import { storedPlan } from "../../encode/stored-plan.ts"
import { numberPlan } from "../../plan/numbering.ts"
import { isTimed } from "../../plan/timed.ts"
import { BrokerError } from "../../broker/errors.ts"
import {
  placeOf,
  fenceOf,
  isTail,
  keyOf,
  rootFrame,
  runPlace,
  scopesOf,
  stepOf
} from "./position.ts"
import type { Frame, Position, RunFacts } from "./position.ts"
import { readAs, sizeOf, type Value } from "../value.ts"
import type { Records } from "../records.ts"
import { Remembered } from "../bounded-cache.ts"

/** How many frames a process remembers, and how many characters of plans and lists with them. */
const remembered = [2_000, 16_000_000] as const

export const hashOf = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 16)

type Plan = Pick<Frame, "hash" | "plan" | "planText">

export class Frames {
  readonly #records: Records
  readonly #known = new Remembered<Frame>(...remembered)
  readonly #plans = new Remembered<Plan>(...remembered)

  constructor(records: Records) {
    this.#records = records
  }

  /** The frame of what was dispatched. `stored: false` while its messages carry it. */
  root(run: RunFacts, planText: string, stored: boolean): Frame {
    return this.#remember({
      run,
      id: rootFrame,
      ...this.#plan(planText),
      place: runPlace,
      fence: runPlace,
      scopes: [],
      stored
    })
  }

  /** The frame with this id, from memory or from the broker. */
  load(run: RunFacts, id: string): Soon<Frame> {
    return this.known(run, id) ?? this.#fetched(run, id)
  }

  async #fetched(run: RunFacts, id: string): Promise<Frame> {
    const frame = await this.find(run, id)
    if (frame !== undefined) return frame
    throw new BrokerError({
      reason: "Gone",
      message: `the plan ${id} of run ${run.address.run} is no longer stored`
    })
  }

  known(run: RunFacts, id: string): Frame | undefined {
    return this.#known.get(`${run.address.owner}.${run.address.run}.${id}`)
  }

  /** The frame stored under this id, if there is one; asked of the leader. */
  async find(run: RunFacts, id: string): Promise<Frame | undefined> {
    const stored = await this.#records.broker.read(this.#subject(run, id))
    return stored === undefined ? undefined : this.#read(run, stored.body)
  }

  /** The node whose place a frame took. Its outcome is the frame's. */
  above(run: RunFacts, { frame: { id, index }, node }: NonNullable<Frame["up"]>): Soon<Position> {
    return onceThere(this.load(run, id), (frame) =>
      index === undefined ? { frame, node } : { frame, node, index }
    )
  }

  /** Every stored frame of a run. */
  async all(run: RunFacts): Promise<ReadonlyArray<Frame>> {
    const filter = frameSubject(this.#records.namespace, run.address, "*")
    const stored = await this.#records.broker.readAll(filter)
    return Promise.all(stored.map(({ body }) => this.#read(run, body)))
  }

  /** Makes sure that other processes can read the frame. */
  async store(frame: Frame): Promise<void> {
    if (frame.stored) return
    await this.#write(frame)
    frame.stored = true
  }

  /** The workflow a handler returned, in the place of its call. Answers with the one that was stored first. */
  async replace(at: Position, planText: string, other?: OtherContract): Promise<Frame> {
    const contract = at.frame.contract ?? other
    const tail = isTail(at)
    const { frame, index } = at
    const up =
      index === undefined
        ? tail
          ? frame.up
          : { frame: keyOf(at), node: at.node }
        : { frame: keyOf(at), node: tail ? 0 : at.node }
    if (up !== undefined && up !== frame.up) await this.store(frame)
    const plan = this.#plan(planText)
    return this.#write({
      run: frame.run,
      id: stepOf(at),
      ...plan,
      ...(isTimed(plan.plan[0]!.node) ? { since: this.#records.broker.now() } : {}),
      place: placeOf(at),
      fence: fenceOf(at),
      scopes: scopesOf(at),
      ...(up === undefined ? {} : { up }),
      ...readAs(at),
      ...(contract === undefined ? {} : { contract }),
      stored: false
    })
  }

  /** A map's body over the list that arrived. */
  async expandMap(
    at: Position,
    body: AnyNode,
    map: { readonly count: number; readonly concurrency?: number; readonly items: Value },
    crossed = false
  ): Promise<Frame> {
    await this.store(at.frame)
    return this.#write({
      run: at.frame.run,
      id: stepOf(at),
      ...this.#plan(jsonText(body)),
      place: placeOf(at),
      fence: fenceOf(at),
      scopes: [stepOf(at), ...scopesOf(at)],
      up: { frame: keyOf(at), node: at.node },
      map,
      ...(at.frame.task === undefined ? {} : { task: at.frame.task }),
      ...(crossed ? { crossed } : {}),
      stored: false
    })
  }

  #write(frame: Frame): Promise<Frame> {
    return this.#records.refitting(async () => {
      const { run } = frame
      const subject = this.#subject(run, frame.id)
      const plan = await this.#portable(run, { text: frame.planText })
      const beside = "text" in plan ? plan.text : ""
      const items =
        frame.map === undefined ? undefined : await this.#portable(run, frame.map.items, beside)
      const message: FrameMessage = {
        v: 1,
        kind: "frame",
        run: run.address.run,
        id: frame.id,
        hash: frame.hash,
        place: frame.place,
        fence: frame.fence,
        scopes: frame.scopes,
        ...(frame.up === undefined ? {} : { up: frame.up }),
        ...(frame.map === undefined
          ? {}
          : {
              map: {
                count: frame.map.count,
                ...(frame.map.concurrency === undefined
                  ? {}
                  : { concurrency: frame.map.concurrency })
              }
            }),
        ...(frame.task === undefined ? {} : { task: frame.task }),
        ...(frame.branches === undefined ? {} : { branches: frame.branches }),
        ...("reference" in plan ? { plan: plan.reference } : {}),
        ...(items !== undefined && "reference" in items ? { items: items.reference } : {}),
        ...(frame.contract === undefined ? {} : { contract: frame.contract }),
        ...(frame.crossed === undefined ? {} : { crossed: true }),
        ...(frame.since === undefined ? {} : { since: frame.since })
      }
      const slots = [plan, items].flatMap((value) =>
        value !== undefined && "text" in value ? [value.text] : []
      )
      const { stored } = await this.#records.broker.publish({
        subject,
        unless: subject,
        body: packMessage(message, slots)
      })
      if (stored) {
        frame.stored = true
        return this.#remember(frame)
      }
      const winner = await this.find(run, frame.id)
      if (winner !== undefined) return winner
      throw new BrokerError({ reason: "Unknown", message: `${subject} was refused, yet is absent` })
    })
  }

  async #portable(run: RunFacts, value: Value, beside = ""): Promise<Value> {
    return "text" in value && !this.#records.fits(beside + value.text)
      ? this.#records.keepText(run, value.text)
      : value
  }

  async #read(run: RunFacts, body: Uint8Array): Promise<Frame> {
    const { message, slots } = unpackKind(body, "frame")
    const left = [...slots]
    const value = (reference: FrameMessage["plan"]): Value =>
      reference === undefined ? { text: left.shift() ?? "null" } : { reference }
    const plan = value(message.plan)
    const planText = await this.#records.resolve(run.address, plan)
    const items = message.map === undefined ? undefined : value(message.items)
    return this.#remember({
      run,
      id: message.id,
      ...this.#plan(planText),
      place: message.place,
      fence: message.fence,
      scopes: message.scopes,
      ...(message.up === undefined ? {} : { up: message.up }),
      ...(message.map === undefined || items === undefined
        ? {}
        : { map: { ...message.map, items } }),
      ...(message.task === undefined ? {} : { task: message.task }),
      ...(message.branches === undefined ? {} : { branches: message.branches }),
      ...(message.contract === undefined ? {} : { contract: message.contract }),
      ...(message.crossed === true ? { crossed: true } : {}),
      ...(message.since === undefined ? {} : { since: message.since }),
      stored: true
    })
  }

  #plan(planText: string): Plan {
    let plan = this.#plans.get(planText)
    if (plan === undefined) {
      const numbered = numberPlan(storedPlan(planText))
      plan = { hash: hashOf(planText), plan: numbered, planText }
      this.#plans.set(planText, plan, planText.length)
    }
    return plan
  }

  #remember(frame: Frame): Frame {
    const key = `${frame.run.address.owner}.${frame.run.address.run}.${frame.id}`
    this.#known.set(
      key,
      frame,
      frame.planText.length + (frame.map === undefined ? 0 : sizeOf(frame.map.items))
    )
    return frame
  }

  #subject(run: RunFacts, id: string): string {
    return frameSubject(this.#records.namespace, run.address, id)
  }
}
