/** Makes the workflow over many schemas that a sketch stands for. */
import { chainOf } from "../../src/compose/chain.ts"
import { always, ifFailed } from "../../src/compose/cleanup.ts"
import { groupOf } from "../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../src/compose/hook.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { recover, withInput } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { encodeWorkflow } from "../../src/encode/workflow.ts"
import { become, heard, leaves, list } from "./rich-tasks.ts"
import type { Sketch } from "./sketch.ts"
import { asleep, timed } from "./timed.ts"
import { passJson } from "./tasks.ts"

/** The tags of the errors here, for those that a sketch knows. */
const tags = { Expected: "NotFound", Other: "Missing", Crashed: "Crashed" } as const

/** `full`: nothing arrives. */
export const richWorkflowOf = (sketch: Sketch, full = false): AnyWorkflow => {
  switch (sketch.kind) {
    case "call": {
      const { k, task } = sketch
      const leaf = leaves[(k + task.length) % leaves.length]!
      return timed(full || sketch.full ? leaf([k], k) : leaf(k), sketch.time)
    }
    case "sleep":
      return asleep(richWorkflowOf(sketch.of, full), sketch)
    case "pass":
      return passJson
    case "chain":
      return chainOf(sketch.steps.map((step, at) => richWorkflowOf(step, full && at === 0)))
    case "group": {
      const members = sketch.members.map((member) => richWorkflowOf(member, full))
      const named = Object.fromEntries(members.map((member, at) => [`m${at}`, member]))
      return groupOf(
        sketch.named ? named : members,
        "member",
        sketch.waits ? { wait: "all" } : undefined
      )
    }
    case "map": {
      const { concurrency, k } = sketch
      const options = {
        ...(concurrency === 0 ? {} : { concurrency }),
        ...(sketch.waits ? { wait: "all" as const } : {})
      }
      const body = map(richWorkflowOf(sketch.body) as never, options)
      return chainOf([full ? list(null, k) : list(k), body])
    }
    case "ignore":
      return ignoreInput(richWorkflowOf(sketch.of, true) as never)
    case "settle":
      return settle(richWorkflowOf(sketch.of, full))
    case "hook": {
      const hooked = sketch.on === "success" ? onSuccess : onFailure
      return hooked(richWorkflowOf(sketch.of, full) as never, heard(sketch.k) as never)
    }
    case "become": {
      const text = encodeWorkflow(richWorkflowOf(sketch.of))
      return full ? become(null, text) : become(text)
    }
    case "cleanup": {
      const workflow = richWorkflowOf(sketch.cleanup)
      const cleaned = sketch.on === "failure" ? ifFailed : always
      const cleanup = sketch.given === "both" ? withInput(workflow) : workflow
      return cleaned(richWorkflowOf(sketch.of, full), cleanup as never)
    }
    case "recover": {
      const fallbacks = Object.entries(sketch.fallbacks).map(([tag, fallback]) => {
        const workflow = richWorkflowOf(fallback)
        const given = sketch.given === "both" ? withInput(workflow) : workflow
        return [tags[tag as keyof typeof tags], given] as const
      })
      return recover(richWorkflowOf(sketch.of, full), Object.fromEntries(fallbacks) as never)
    }
  }
}
