/** Encodes the input that a workflow is run with: whichever of its calls receive it say how. */
import type { AnyNode, Json } from "../define/plan.ts"
import type { ValueCodec } from "../define/codec.ts"
import { invalidInput } from "../define/call.ts"
import { InvalidInput } from "../define/errors.ts"
import { bounds } from "../define/json.ts"
import { merged } from "../define/merge.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import { received } from "../define/describe-value.ts"
import type { AnyWorkflow, TaskTable } from "../define/workflow.ts"
import { receiverOf } from "./receiver.ts"
import { ruleOf } from "./table.ts"

/** Canonical JSON of a workflow's input; `null` where nothing is needed. Throws `InvalidInput`. */
export const encodeInput = (workflow: AnyWorkflow, input: unknown): Json =>
  encodeReceived(workflow, input) ?? null

/** The same; `undefined` where nothing receives an input. */
export const encodeReceived = (workflow: AnyWorkflow, input: unknown): Json | undefined => {
  const { plan, tasks } = workflow["~arpeggio"]
  return encodeFor(plan, tasks, input, "input")
}

/** `undefined` where nothing receives the input. */
const encodeFor = (
  node: AnyNode,
  tasks: TaskTable,
  input: unknown,
  at: string
): Json | undefined => {
  const rule = ruleOf(node)
  const taken = rule.takes?.(node, tasks)
  if (taken !== undefined) return encodeWith(taken.task, taken.codec!, input, at)
  const begins = rule.begin(node)
  switch (begins.do) {
    case "call":
    case "end":
    case "sleep":
      return undefined
    case "first":
      return begins.given === "nothing" ? undefined : encodeFor(receiverOf(node), tasks, input, at)
    case "all":
      // Members may each know only some fields of the input they share: what is sent has them all.
      return rule
        .children(node)
        .map((child) => encodeFor(child.node, tasks, input, at))
        .reduce(
          (all, one) =>
            all === undefined ? one : one === undefined ? all : (merged(all, one) as Json),
          undefined
        )
    case "each":
      return encodeItems(begins.body, tasks, input, at)
  }
}

const encodeItems = (body: AnyNode, tasks: TaskTable, input: unknown, at: string): Json => {
  if (!Array.isArray(input) || input.length > bounds.nodes) throw notAList(input, at)
  return Array.from(input, (item, index) => {
    const place = `${at}[${index}]`
    const json = encodeFor(body, tasks, item, place)
    if (json !== undefined && !(index in input)) throw aHole(place)
    return json ?? null
  })
}

const encodeWith = (task: string, codec: ValueCodec, input: unknown, at: string): Json => {
  try {
    return codec.encode(input)
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw input === undefined && at === "input"
      ? noInput(task, cause)
      : invalidInput(task, at, cause, "the input that the workflow is run with")
  }
}

/** Most likely an argument was forgotten. */
const noInput = (task: string, { expected, received }: Misfit): InvalidInput =>
  new InvalidInput({
    task,
    path: "input",
    expected,
    received,
    message: `${task} still needs an input: give it all its arguments, or write run(workflow, input). Nothing was sent.`
  })

const notAList = (input: unknown, at: string): InvalidInput =>
  new InvalidInput({
    task: "map",
    path: at,
    expected: "an array",
    received: received(input),
    message: `map: ${at} should be an array of at most ${bounds.nodes} items, one for each time its body runs, but is ${received(input)}. Nothing was sent.`
  })

const aHole = (at: string): InvalidInput =>
  new InvalidInput({
    task: "map",
    path: at,
    expected: "an item",
    received: "a hole in the list",
    message: `map: ${at} should be an item, but is a hole in the list, which would arrive as something else. Nothing was sent.`
  })
