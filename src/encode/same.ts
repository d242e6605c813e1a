/**
 * One text for workflows and inputs that mean the same, to tell whether a key was given the same piece of work.
 *
 * The order of keys in an object means nothing, nor does that of a Map's or a Set's entries; the order of a list does. The
 * fingerprints of contracts are left out: a deploy that only widens one does not make it other work.
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { jsonText } from "../define/json-text.ts"
import { idOf } from "../define/children.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { argumentAt, type CallNode, type Json, passes, type PlanNode } from "../define/plan.ts"
import type { TaskTable } from "../define/workflow.ts"

/** The text of a plan with the input that it is run with. */
export const sameText = (plan: PlanNode, tasks: TaskTable, input: Json | undefined): string =>
  canonical([planOf(plan, tasks), input === undefined ? null : inputOf(plan, tasks, input)])

/** JSON with the keys of every object in order. */
const canonical = (json: unknown): string => {
  if (Array.isArray(json)) return `[${json.map(canonical).join(",")}]`
  if (typeof json !== "object" || json === null) return jsonText(json ?? null)
  const entries = Object.entries(json)
    .filter(([, item]) => item !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`
}

/** A plan without what does not count; what looks like a part of a plan inside an argument is an argument. */
const planOf = (plan: PlanNode, tasks: TaskTable): unknown => {
  const of = (node: PlanNode): unknown => planOf(node, tasks)
  switch (plan.kind) {
    case "call": {
      const { fingerprint: _, headers = {}, ...node } = plan
      return { ...node, headers, args: argumentsOf(plan, tasks.get(plan.task)) }
    }
    case "pass":
      return { kind: plan.kind }
    case "chain":
      return { ...plan, steps: plan.steps.map(of) }
    case "group": {
      const { keys, members } = plan
      if (keys === undefined) return { ...plan, members: members.map(of) }
      return {
        kind: plan.kind,
        named: Object.fromEntries(keys.map((key, at) => [key, of(members[at]!)]))
      }
    }
    case "map":
      return { ...plan, body: of(plan.body) }
    case "ignore":
    case "settle":
      return { ...plan, of: of(plan.of) }
    case "recover": {
      const fallbacks = Object.entries(plan.fallbacks).map(
        ([tag, node]) => [tag, of(node)] as const
      )
      return { ...plan, of: of(plan.of), fallbacks: Object.fromEntries(fallbacks) }
    }
    case "cleanup":
      return { ...plan, of: of(plan.of), cleanup: of(plan.cleanup) }
    case "hook":
      return { ...plan, of: of(plan.of), callback: of(plan.callback) }
  }
}

const argumentsOf = (call: CallNode, task: TaskDefinition | undefined): unknown =>
  call.args.map((argument, at) => valueOf(task?.inputCodecs[argumentAt(call, at)]?.ast, argument))

/** The input of a plan, in the order that its receivers' schemas leave open. */
const inputOf = (plan: PlanNode, tasks: TaskTable, input: Json): Json => {
  switch (plan.kind) {
    case "call":
      return plan.partial
        ? valueOf(tasks.get(plan.task)?.inputCodecs[plan.open ?? 0]?.ast, input)
        : input
    case "pass":
      return valueOf(plan[passes]?.ast, input)
    case "chain":
      return inputOf(plan.steps[0]!, tasks, input)
    case "group":
      return plan.members.reduce((told, member) => inputOf(member, tasks, told), input)
    case "map":
      return Array.isArray(input) ? input.map((item) => inputOf(plan.body, tasks, item)) : input
    case "ignore":
      return input
    case "settle":
    case "recover":
    case "cleanup":
    case "hook":
      return inputOf(plan.of, tasks, input)
  }
}

/** effect's names of what holds its entries in no order that means something. */
const unordered: ReadonlySet<unknown> = new Set([
  "effect/schema/ReadonlyMap",
  "effect/schema/ReadonlySet",
  "effect/schema/HashMap",
  "effect/schema/HashSet"
])

/** A value in canonical JSON, with the entries of every Map and Set in order. */
const valueOf = (ast: SchemaAST.AST | undefined, json: Json): Json => {
  if (ast === undefined || typeof json !== "object" || json === null) return json
  const encoded = ast.encoding?.at(-1)?.to
  if (encoded !== undefined) {
    const value = valueOf(encoded, json)
    return ast._tag === "Declaration" && unordered.has(idOf(ast)) && Array.isArray(value)
      ? (value as ReadonlyArray<Json>)
          .map((item) => [canonical(item), item] as const)
          .toSorted(([left], [right]) => (left < right ? -1 : 1))
          .map(([, item]) => item)
      : value
  }
  switch (ast._tag) {
    case "Suspend":
      return valueOf(ast.thunk(), json)
    case "Arrays":
      return Array.isArray(json)
        ? json.map((item: Json, at) => valueOf(ast.elements[at] ?? ast.rest[0], item))
        : json
    case "Objects": {
      if (Array.isArray(json)) return json
      const types = new Map(ast.propertySignatures.map(({ name, type }) => [name, type]))
      const rest = ast.indexSignatures[0]?.type
      return Object.fromEntries(
        Object.entries(json).map(([key, item]) => [key, valueOf(types.get(key) ?? rest, item)])
      )
    }
    case "Union":
      // Every member that fits: one may know a key, and the Set that it holds, which another drops.
      return ast.types
        .filter((type) => fits(type, json))
        .reduce((told: Json, type) => valueOf(type, told), json)
    default:
      return json
  }
}

const fits = (ast: SchemaAST.AST, json: Json): boolean =>
  SchemaParser.is(Schema.make(SchemaAST.toEncoded(ast)))(json)
