/** Makes the workflow that a sketch stands for, with what is needed for every step to accept what arrives. */
import { chainOf } from "../../src/compose/chain.ts"
import { always, ifFailed } from "../../src/compose/cleanup.ts"
import { groupOf } from "../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../src/compose/hook.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { recover, withInput } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { open } from "../../src/define/open.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { encodeWorkflow } from "../../src/encode/workflow.ts"
import type { Sketch } from "./sketch.ts"
import { asleep, timed } from "./timed.ts"
import {
  become,
  digest,
  flaky,
  heard,
  keep,
  passJson,
  picky,
  plus,
  shaky,
  spread,
  total
} from "./tasks.ts"

/** What a workflow takes or gives, as far as the tasks here care. */
type Kind = "nothing" | "number" | "anything" | { readonly listOf: Kind }

interface Built {
  readonly workflow: AnyWorkflow
  readonly gives: Kind
}

const isList = (kind: Kind): kind is { readonly listOf: Kind } => typeof kind === "object"

const isNumbers = (kind: Kind): boolean => isList(kind) && kind.listOf === "number"

const behind = (first: AnyWorkflow, second: Built): Built => ({
  workflow: chainOf([first, second.workflow]),
  gives: second.gives
})

/** The workflow a sketch stands for, where something of a kind arrives. */
export const workflowOf = (sketch: Sketch, takes: Kind): Built => {
  switch (sketch.kind) {
    case "call":
      return sketch.full || takes === "nothing" ? fullCall(sketch) : partialCall(sketch, takes)
    case "sleep": {
      const of = workflowOf(sketch.of, takes)
      const gives = sketch.where === "beside" ? { listOf: "anything" as const } : of.gives
      return { workflow: asleep(of.workflow, sketch), gives }
    }
    case "pass":
      return { workflow: passJson, gives: takes === "nothing" ? "anything" : takes }
    case "chain": {
      let arriving = takes
      const steps = sketch.steps.map((step) => {
        const built = workflowOf(step, arriving)
        arriving = built.gives
        return built.workflow
      })
      return { workflow: chainOf(steps), gives: arriving }
    }
    case "group": {
      const members = sketch.members.map((member) => workflowOf(member, takes))
      const workflows = members.map(({ workflow }) => workflow)
      const named = Object.fromEntries(workflows.map((each, place) => [`m${place}`, each]))
      return {
        workflow: groupOf(
          sketch.named ? named : workflows,
          "member",
          sketch.waits ? { wait: "all" } : undefined
        ),
        gives: sketch.named ? "anything" : { listOf: common(members.map(({ gives }) => gives)) }
      }
    }
    case "map": {
      if (!isList(takes)) {
        const list: Sketch = {
          kind: "call",
          task: "spread",
          k: sketch.k,
          full: false,
          time: "at once"
        }
        return behind(workflowOf(list, takes).workflow, workflowOf(sketch, { listOf: "number" }))
      }
      const body = workflowOf(sketch.body, takes.listOf)
      const { concurrency } = sketch
      const options = {
        ...(concurrency === 0 ? {} : { concurrency }),
        ...(sketch.waits ? { wait: "all" as const } : {})
      }
      return { workflow: map(body.workflow as never, options), gives: { listOf: body.gives } }
    }
    case "ignore": {
      const of = workflowOf(sketch.of, "nothing")
      return { ...of, workflow: ignoreInput(of.workflow as never) }
    }
    case "settle":
      return { workflow: settle(workflowOf(sketch.of, takes).workflow), gives: "anything" }
    case "hook": {
      const of = workflowOf(sketch.of, takes)
      const hooked = sketch.on === "success" ? onSuccess : onFailure
      return { ...of, workflow: hooked(of.workflow as never, heard(sketch.k) as never) }
    }
    case "become": {
      const arriving = takes === "nothing" ? "anything" : takes
      const of = workflowOf(sketch.of, arriving)
      const text = encodeWorkflow(of.workflow)
      const workflow = takes === "nothing" ? become(null, text) : become(text)
      return { workflow, gives: of.gives }
    }
    case "cleanup": {
      const of = workflowOf(sketch.of, takes)
      const { workflow } = workflowOf(sketch.cleanup, "anything")
      const cleaned = sketch.on === "failure" ? ifFailed : always
      const cleanup = sketch.given === "both" ? withInput(workflow) : workflow
      return { ...of, workflow: cleaned(of.workflow, cleanup as never) }
    }
    case "recover": {
      const of = workflowOf(sketch.of, takes)
      const fallbacks = Object.entries(sketch.fallbacks).map(
        ([tag, fallback]) => [tag, workflowOf(fallback, "anything")] as const
      )
      const workflows = Object.fromEntries(
        fallbacks.map(([tag, { workflow }]) => [
          tag,
          sketch.given === "both" ? withInput(workflow) : workflow
        ])
      )
      return {
        workflow: recover(of.workflow, workflows as never),
        gives: common([of.gives, ...fallbacks.map(([, { gives }]) => gives)])
      }
    }
  }
}

const common = (kinds: ReadonlyArray<Kind>): Kind => {
  const [first, ...others] = kinds
  if (first === undefined) return "anything"
  return others.every((kind) => JSON.stringify(kind) === JSON.stringify(first)) ? first : "anything"
}

type CallSketch = Extract<Sketch, { readonly kind: "call" }>

const fullCall = (sketch: CallSketch): Built => at(sketch, untimed(sketch))

const at = ({ time }: CallSketch, { workflow, gives }: Built): Built => ({
  workflow: timed(workflow, time),
  gives
})

const untimed = ({ task, k }: CallSketch): Built => {
  switch (task) {
    case "plus":
      return { workflow: plus(k, 1), gives: "number" }
    case "digest":
      return { workflow: digest([k], 1), gives: "number" }
    case "keep":
      return { workflow: keep({ k }), gives: "anything" }
    case "total":
      return { workflow: total([k, 1]), gives: "number" }
    case "spread":
      return { workflow: spread(k, 0), gives: { listOf: "number" } }
    case "picky":
      return { workflow: picky(k, 0), gives: "number" }
    case "shaky":
      return { workflow: shaky(k, 0), gives: "number" }
    case "flaky":
      return { workflow: flaky(k, 0), gives: "number" }
  }
}

const partialCall = (sketch: CallSketch, takes: Kind): Built => {
  const { task, k } = sketch
  if (task === "digest") {
    const last = takes === "number" && k % 2 === 1
    return at(sketch, { workflow: last ? digest.partial([k], open) : digest(k), gives: "number" })
  }
  if (task === "keep") return at(sketch, { workflow: keep(), gives: takes })
  if (task === "total" && isNumbers(takes))
    return at(sketch, { workflow: total(), gives: "number" })
  if (takes !== "number" || task === "total") {
    const next: Built =
      task === "total" ? { workflow: plus(k), gives: "number" } : partialCall(sketch, "number")
    return behind(digest(k), next)
  }
  if (task === "spread") {
    return at(sketch, { workflow: spread(k), gives: { listOf: "number" } })
  }
  const numbers = { plus, flaky, picky, shaky } as const
  return at(sketch, { workflow: numbers[task as keyof typeof numbers](k), gives: "number" })
}
