/** What arrives, as it is. */
import { codecOf, type SchemaCodec } from "../define/codec.ts"
import type { PassedSchema, TypeOf } from "../define/contract.ts"
import { fingerprintOf } from "../define/fingerprint.ts"
import { passes, type PassNode } from "../plan/pass.ts"
import { received } from "../define/describe-value.ts"
import { schemaOf } from "../define/standard.ts"
import type { Workflow } from "../define/workflow.ts"
import { refuse, composed } from "./members.ts"

/** Gives what it takes. */
export interface Pass<in out A> extends Workflow<A, A> {
  /** As messages name it; it is no task. */
  readonly taskName: "pass"
}

/**
 * Gives what arrives, so that it can stand beside what is made of it: no task is needed to carry a value along, and no
 * worker executes anything. The schema says what that is: one of effect's, or of another library.
 *
 * Throws a `CompositionError` for what is not a schema, or one whose values cannot travel.
 *
 * @example
 * const both = group({ number: pass(Schema.Finite), double: mul(2) })
 * const answer = await app.run(both, 21) // { number: 21, double: 42 }
 */
export function pass<S>(schema: PassedSchema<S>): Pass<TypeOf<S>>
export function pass(schema: unknown): unknown {
  const codec = codecIn(schema)
  if (typeof codec === "string") return refuse(codec)
  const { ast } = codec
  const node: PassNode = {
    kind: "pass",
    fingerprint: fingerprintOf([ast], ast, []),
    [passes]: codec
  }
  return composed(node, noTasks, { taskName: "pass" })
}

const noTasks = new Map<string, never>()

const codecIn = (given: unknown): SchemaCodec | string => {
  const schema = schemaOf(given)
  if (schema === undefined) {
    return `pass takes the schema of what arrives, for example pass(Order), not ${received(given)}`
  }
  if (typeof schema === "string") return `what pass is given cannot travel: ${schema}`
  const { _tag } = schema.ast
  if (_tag === "Void" || _tag === "Undefined") {
    return "nothing arrives by a schema of nothing: give pass the schema of what is passed on"
  }
  const codec = codecOf(schema)
  return typeof codec === "string" ? `what pass is given cannot travel: ${codec}` : codec
}
