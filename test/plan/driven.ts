/** Does a plan by its rules alone, in random order: no records, no messages. What the engine does with the answers, without everything that can fail. */
import { type AnyNode, isCall, type Json } from "../../src/define/plan.ts"
import { takesNothing } from "../../src/plan/arrival.ts"
import { numberPlan, type NumberedNode, type NumberedPlan } from "../../src/plan/numbering.ts"
import type { Given, Next } from "../../src/plan/rule.ts"
import { ruleOf } from "../../src/plan/table.ts"
import { longAgo, type Reference } from "../reference/interpreter.ts"

/** An outcome in the JSON form of `Outcome`, ids left empty. */
export type Ended =
  | { readonly _tag: "Succeeded"; readonly value: Json }
  | { readonly _tag: "Failed"; readonly error: Json; readonly failure: Json }
  | {
      readonly _tag: "Crashed"
      readonly name: string
      readonly message: string
      readonly failure: Json
    }
  | Expired

/** Whose call it was is told to cleanups alone. */
interface Expired {
  readonly _tag: "Expired"
  readonly failure: Json
}

/** As it is told to whoever asks. */
const plain = (ended: Ended): Json => (ended._tag === "Expired" ? { _tag: "Expired" } : ended)

const originOf = (task: string): Json => ({ run: "", step: "", task, attempt: 1 })

/** One plan that is under way: what was dispatched, what a handler returned, an item of a list. */
interface Frame {
  readonly plan: NumberedPlan
  readonly leave: (ended: Ended) => void
  /** Whether something around it has ended. */
  readonly isOver: () => boolean
}

/** What the plan comes to; `pick` gives a whole number below another. */
export const driven = (
  plan: AnyNode,
  input: Json,
  reference: Reference,
  pick: (below: number) => number
): Json => {
  const waiting: Array<() => void> = []
  let result: Ended | undefined
  drive(
    { plan: numberPlan(plan), leave: (ended) => (result ??= ended), isOver: () => false },
    input
  )
  while (waiting.length > 0) waiting.splice(pick(waiting.length), 1)[0]!()
  if (result === undefined) throw new Error("it never ended")
  return plain(result)

  function drive(frame: Frame, input: Json): void {
    const decided = new Map<number, Ended>()
    const inputs = new Map<number, Json>()
    const members = new Map<number, Map<number, Ended>>()
    const first = new Map<number, Ended>()
    const nodeAt = (number: number): NumberedNode => frame.plan[number]!

    const isOver = (number: number): boolean => {
      if (frame.isOver()) return true
      for (let at = number; at >= 0; at = nodeAt(at).parent) if (decided.has(at)) return true
      return false
    }
    const begin = (number: number, given: Json): void => {
      if (isOver(number)) return
      const { node, children } = nodeAt(number)
      const begins = ruleOf(node).begin(node)
      if (begins.do === "call") return void waiting.push(() => call(number, node, given))
      if (begins.do === "sleep") {
        return void waiting.push(() => end(number, { _tag: "Succeeded", value: given }))
      }
      if (begins.do === "end") {
        const value = begins.value === undefined ? given : (JSON.parse(begins.value) as Json)
        return end(number, { _tag: "Succeeded", value })
      }
      if (begins.do === "each")
        return each(number, begins.body, given as ReadonlyArray<Json>, begins.concurrency)
      if (begins.do === "all") return children.forEach((child) => begin(child, given))
      if (begins.keeps === true) inputs.set(number, given)
      begin(children[0]!, begins.given === "nothing" ? null : given)
    }
    const call = (number: number, node: AnyNode, given: Json): void => {
      if (isOver(number) || !isCall(node)) return
      const { task, partial, args, open = 0, expires } = node
      if (expires !== undefined && "at" in expires && expires.at < longAgo) {
        return end(number, { _tag: "Expired", failure: originOf(task) })
      }
      const ending = reference(task, partial ? args.toSpliced(open, 0, given) : args)
      if ("replaced" in ending) {
        const inner: Frame = {
          plan: numberPlan(ending.replaced),
          leave: (ended) => end(number, ended),
          isOver: () => isOver(number)
        }
        return drive(inner, null)
      }
      const failure = originOf(task)
      if ("failed" in ending) return end(number, { _tag: "Failed", error: ending.failed, failure })
      if ("crashed" in ending) return end(number, { _tag: "Crashed", ...ending.crashed, failure })
      end(number, { _tag: "Succeeded", value: ending.value })
    }
    const each = (
      number: number,
      body: AnyNode,
      items: ReadonlyArray<Json>,
      lanes = items.length
    ): void => {
      if (items.length === 0) return end(number, { _tag: "Succeeded", value: [] })
      const plan = numberPlan(body)
      const item = (index: number): void =>
        drive(
          {
            plan,
            leave: (ended) => {
              const { node } = nodeAt(number)
              const joins = ruleOf(node).ended(node, index, ended._tag).do === "join"
              if (joins && index + lanes < items.length) item(index + lanes)
              follow(number, index, items.length, ended)
            },
            isOver: () => isOver(number)
          },
          items[index]!
        )
      items.slice(0, lanes).forEach((_, index) => item(index))
    }
    /** A node has ended: as its own outcome, if it has one. */
    const end = (number: number, ended: Ended): void => {
      if (isOver(number)) return
      decided.set(number, ended)
      const { role, parent } = nodeAt(number)
      if (role.outcome === "frame") return frame.leave(ended)
      // What passes its child's outcome on has none that could end it.
      follow(parent, role.position, nodeAt(parent).children.length, ended)
    }
    const follow = (number: number, position: number, of: number, ended: Ended): void => {
      if (isOver(number)) return
      if (position === 0) first.set(number, ended)
      const { node } = nodeAt(number)
      next(number, position, of, ruleOf(node).ended(node, position, ended._tag), ended)
    }
    const next = (number: number, position: number, of: number, then: Next, ended: Ended): void => {
      switch (then.do) {
        case "pass":
          return end(number, ended)
        case "begin":
          return begin(
            nodeAt(number).children[then.child]!,
            told(number, then.child, then.given, ended)
          )
        case "decide": {
          if (then.as === "before") return end(number, first.get(number)!)
          return end(
            number,
            then.as === "settled" ? { _tag: "Succeeded", value: plain(ended) } : ended
          )
        }
        case "join": {
          const endings = members.get(number) ?? new Map<number, Ended>()
          members.set(number, endings.set(position, ended))
          if (endings.size < of) return undefined
          const each = Array.from({ length: of }, (_, at) => endings.get(at)!)
          const failed = each.find(({ _tag }) => _tag !== "Succeeded")
          if (failed !== undefined) return end(number, failed)
          const all = each.map((one) => (one as { readonly value: Json }).value)
          const value =
            then.keys === undefined
              ? all
              : Object.fromEntries(then.keys.map((key, at) => [key, all[at]!]))
          return end(number, { _tag: "Succeeded", value })
        }
        case "look":
          return next(number, position, of, then.then(tagOf(ended)), ended)
      }
    }
    const told = (number: number, child: number, given: Given, ended: Ended): Json => {
      if (given === "value") return (ended as { readonly value: Json }).value
      if (takesNothing(nodeAt(nodeAt(number).children[child]!).node)) return null
      const said = saying(given.tell, ended)
      return given.input ? { [given.tell]: said, input: inputs.get(number)! } : said
    }
    begin(0, input)
  }
}

const tagOf = (ended: Ended): string | undefined =>
  ended._tag === "Failed" ? (ended.error as { readonly _tag?: string })._tag : undefined

const saying = (tell: "error" | "failure" | "outcome", ended: Ended): Json => {
  if (tell === "outcome" || ended._tag === "Succeeded") return plain(ended)
  if (tell === "error") return ended._tag === "Failed" ? ended.error : plain(ended)
  const { failure, ...rest } = ended
  const error = ended._tag === "Failed" ? ended.error : rest
  return { ...(failure as { readonly [name: string]: Json }), error }
}
