/** From a plan and its input to the outcomes it may have. Pure; what everything that executes is compared with. */
import type { AnyNode, CallNode, Json } from "../../src/define/plan.ts"
import { passes } from "../../src/plan/pass.ts"
import type { PlanNode } from "../../src/plan/table.ts"
import { alike, both, type Fired, given, none, one, without } from "./fired.ts"
import { canonical, outcomeJson, outcomeRead, type ReferenceOutcome } from "./outcome.ts"
import { toldText } from "./told.ts"

/** How one call of a task ends. */
export type Ending =
  | { readonly value: Json; readonly read: unknown }
  | { readonly failed: Json; readonly read: unknown }
  | { readonly crashed: { readonly name: string; readonly message: string } }
  | { readonly replaced: AnyNode; readonly by: Contract }

/** What reads the JSON of what a task gives, and of what it fails with. */
export interface Contract {
  readonly output: (json: Json) => unknown
  readonly error: (json: Json) => unknown
}

/** A task as a function from its arguments, all of them, in canonical JSON. */
export type Reference = (task: string, input: ReadonlyArray<Json>) => Ending

type Outcomes = ReadonlyArray<ReferenceOutcome>

export interface Admitted {
  /** No two of them mean the same. */
  readonly outcomes: Outcomes
  /** Whether several members of one scope may fail, so that their timing decides. */
  readonly contested: boolean
}

/** Everything that may become of a plan. */
export const admissible = (plan: AnyNode, input: Json, reference: Reference): Admitted => {
  let contested = false
  const scope = (members: ReadonlyArray<Outcomes>, keys?: ReadonlyArray<string>): Outcomes => {
    if (members.filter((outcomes) => outcomes.some(hasFailed)).length > 1) contested = true
    const firedWhole = members.map((outcomes) => alike(outcomes.filter(hasSucceeded)))
    const whole = both(...firedWhole)
    const some = both(...members.map(stopped))
    return distinct([
      ...products(members.map(valuesOf)).map((values) =>
        succeeded(
          shaped(
            values.map(({ value }) => value),
            keys
          ) as Json,
          shaped(
            values.map(({ read }) => read),
            keys
          ),
          whole
        )
      ),
      // The others are stopped wherever they have come to.
      ...members.flatMap((outcomes) =>
        outcomes
          .filter(hasFailed)
          .map((outcome) => besides(outcome, without(some, stopped(outcomes))))
      )
    ])
  }
  /** Nobody is stopped, and so nothing is contested. */
  const waiting = (members: ReadonlyArray<Outcomes>, keys?: ReadonlyArray<string>): Outcomes =>
    distinct(products(members).map((all) => waitedFor(all, keys)))
  const scopeOf = ({ wait }: { readonly wait?: "all" }): typeof scope =>
    wait === undefined ? scope : waiting
  const call = (task: string, given: ReadonlyArray<Json>): Outcomes => {
    const ending = reference(task, given)
    if ("replaced" in ending) {
      return of(ending.replaced, null).map((outcome) => readBy(ending.by, outcome))
    }
    if ("failed" in ending) {
      const { failed, read } = ending
      return [{ _tag: "Failed", error: failed, read, task, fired: none }]
    }
    if ("crashed" in ending) return [{ _tag: "Crashed", ...ending.crashed, task, fired: none }]
    return [succeeded(ending.value, ending.read, none)]
  }
  const of = (any: AnyNode, input: Json): Outcomes => {
    const node = any as PlanNode
    switch (node.kind) {
      case "call":
        if (isPast(node.expires)) return [{ _tag: "Expired", task: node.task, fired: none }]
        return call(
          node.task,
          node.partial ? node.args.toSpliced(node.open ?? 0, 0, input) : node.args
        )
      case "pass":
        return [succeeded(input, node[passes]!.decode(input), none)]
      case "chain": {
        let outcomes: Outcomes = [succeeded(input, input, none)]
        for (const step of node.steps) {
          // What arrives goes on as it was, whatever it is.
          if (step.kind === "sleep") continue
          outcomes = continued(outcomes, (outcome) =>
            outcome._tag === "Succeeded" ? behind(outcome, of(step, outcome.value)) : [outcome]
          )
        }
        return outcomes
      }
      case "group":
        return scopeOf(node)(
          node.members.map((member) => of(member, input)),
          node.keys
        )
      case "map":
        return scopeOf(node)((input as ReadonlyArray<Json>).map((item) => of(node.body, item)))
      case "ignore":
        return of(node.of, null)
      case "sleep":
        return [succeeded(null, undefined, none)]
      case "hook":
        return continued(of(node.of, input), (outcome) => {
          if ((node.on === "success") !== hasSucceeded(outcome)) return [outcome]
          const value = given(outcome)
          const itself = one(node.callback, value)
          const own = alike(of(node.callback, value))
          return [{ ...outcome, fired: both(outcome.fired, itself, own) }]
        })
      case "settle":
        return continued(of(node.of, input), (outcome) => [
          succeeded(outcomeJson(outcome), outcomeRead(outcome), outcome.fired)
        ])
      case "cleanup":
        return continued(of(node.of, input), (outcome) => {
          if (node.on === "failure" && hasSucceeded(outcome)) return [outcome]
          const told = node.on === "failure" ? given(outcome) : outcomeJson(outcome)
          const arriving = node.input === true ? { [node.on ?? "outcome"]: told, input } : told
          return behind(outcome, of(node.cleanup, arriving)).map((cleaned) =>
            hasSucceeded(cleaned) ? asBefore(outcome, cleaned) : cleaned
          )
        })
      case "recover":
        return continued(of(node.of, input), (outcome) => {
          if (outcome._tag === "Succeeded") return [outcome]
          const declared = outcome._tag === "Failed"
          const tag = declared ? tagOf(outcome.error) : outcome._tag
          const fallback = node.fallbacks[tag]
          const isFor = (node.undeclared?.includes(tag) === true) !== declared
          if (fallback === undefined || !isFor) return [outcome]
          const error = declared ? outcome.error : outcomeJson(outcome)
          const given = node.inputs?.includes(tag) === true ? { error, input } : error
          return behind(outcome, of(fallback, given))
        })
    }
  }
  const outcomes = of(plan, input)
  return { outcomes, contested }
}

/** No time passes here: what expires at a moment of long ago is over, and nothing else is. */
const isPast = (expires: CallNode["expires"]): boolean =>
  expires !== undefined && "at" in expires && expires.at < longAgo

/** Before any clock of a test. */
export const longAgo: number = Date.UTC(2020, 0, 1)

const succeeded = (value: Json, read: unknown, fired: Fired): ReferenceOutcome => ({
  _tag: "Succeeded",
  value,
  read,
  fired
})

/** What a returned workflow comes to is what its task comes to, and is read as that. */
const readBy = (contract: Contract, outcome: ReferenceOutcome): ReferenceOutcome => {
  if (outcome._tag === "Succeeded") return { ...outcome, read: contract.output(outcome.value) }
  if (outcome._tag === "Failed") return { ...outcome, read: contract.error(outcome.error) }
  return outcome
}

/** What becomes of members that have all ended. */
const waitedFor = (all: Outcomes, keys?: ReadonlyArray<string>): ReferenceOutcome => {
  const fired = both(...all.map((outcome) => outcome.fired))
  const failed = all.find(hasFailed)
  if (failed !== undefined) return { ...failed, fired }
  const values = valuesOf(all)
  const json = values.map(({ value }) => value)
  const read = values.map((each) => each.read)
  return succeeded(shaped(json, keys) as Json, shaped(read, keys), fired)
}

const hasSucceeded = (outcome: ReferenceOutcome): boolean => outcome._tag === "Succeeded"

const hasFailed = (outcome: ReferenceOutcome): boolean => outcome._tag !== "Succeeded"

/** Outcomes with the callbacks of what came before. */
const behind = ({ fired }: ReferenceOutcome, outcomes: Outcomes): Outcomes =>
  outcomes.map((outcome) => besides(outcome, fired))

/** What came before a cleanup, with the callbacks up to its end. */
const asBefore = (before: ReferenceOutcome, { fired }: ReferenceOutcome): ReferenceOutcome => ({
  ...before,
  fired
})

const besides = (outcome: ReferenceOutcome, fired: Fired): ReferenceOutcome => ({
  ...outcome,
  fired: both(fired, outcome.fired)
})

/** What something may have started that is stopped anywhere on its way. */
export const stopped = (outcomes: Outcomes): Fired => ({ ...alike(outcomes), must: none.must })

type Succeeded = Extract<ReferenceOutcome, { readonly _tag: "Succeeded" }>

const valuesOf = (outcomes: Outcomes): ReadonlyArray<Succeeded> =>
  outcomes.flatMap((outcome) => (outcome._tag === "Succeeded" ? [outcome] : []))

const shaped = (values: ReadonlyArray<unknown>, keys: ReadonlyArray<string> | undefined): unknown =>
  keys === undefined
    ? values
    : Object.fromEntries(keys.map((key, position) => [key, values[position]]))

/** One value of each member, in every combination. */
const products = <A>(members: ReadonlyArray<ReadonlyArray<A>>): ReadonlyArray<ReadonlyArray<A>> => {
  if (members.some((values) => values.length === 0)) return []
  let combinations: Array<Array<A>> = [[]]
  for (const values of members) {
    if (values.length === 1) for (const combination of combinations) combination.push(values[0]!)
    else combinations = combinations.flatMap((each) => values.map((value) => each.concat([value])))
  }
  return combinations
}

const continued = (outcomes: Outcomes, next: (outcome: ReferenceOutcome) => Outcomes): Outcomes =>
  outcomes.length === 1 ? next(outcomes[0]!) : distinct(outcomes.flatMap(next))

const distinct = (outcomes: Outcomes): Outcomes => {
  if (outcomes.length < 2) return outcomes
  const found = new Map<string, ReferenceOutcome>()
  for (const outcome of outcomes) {
    // What has expired does not say where, but a callback is told.
    const task = outcome._tag === "Expired" ? outcome.task : ""
    const text = `${canonical(outcomeJson(outcome))} ${toldText(outcomeRead(outcome))} ${task}`
    const same = found.get(text)
    found.set(text, same === undefined ? outcome : { ...outcome, fired: alike([same, outcome]) })
  }
  return [...found.values()]
}

const tagOf = (error: Json): string =>
  typeof error === "object" && error !== null && "_tag" in error ? String(error["_tag"]) : ""
