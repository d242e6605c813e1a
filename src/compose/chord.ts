/** A group, and a body that takes what it returns. */
import {
  type AnyWorkflow,
  type ErrorOf,
  type InputOf,
  isWorkflow,
  type OutputOf,
  type Workflow
} from "../define/workflow.ts"
import { chainOf } from "./chain.ts"
import type { Accepts, Chosen } from "./fit.ts"
import { type ErrorsOf, groupOf, type InputsOf, type Members, type Outputs } from "./group.ts"
import { partAt } from "./members.ts"

type HeaderInput<H> = [H] extends [AnyWorkflow] ? InputOf<H> : InputsOf<H>
type HeaderOutput<H> = H extends AnyWorkflow ? OutputOf<H> : Outputs<H>
type HeaderError<H> = H extends AnyWorkflow ? ErrorOf<H> : ErrorsOf<H>

/**
 * Runs the members of the header side by side, and then a body that takes all their results: the same as
 * `chain(group(header), body)`. The body is created once, when all members have succeeded.
 *
 * Throws a `CompositionError` where a part is not a workflow.
 *
 * @example
 * const total = await app.run(chord([add(1, 2), add(3, 4)], sum())) // 10
 */
export function chord<const H, B>(
  header: [H] extends [AnyWorkflow] ? Chosen<H> : Members<H>,
  body: Accepts<B, HeaderOutput<H>, "what the header returns">
): Workflow<HeaderInput<H>, OutputOf<B>, HeaderError<H> | ErrorOf<B>>
export function chord(header: unknown, body: unknown): unknown {
  const first =
    isWorkflow(header) || typeof header !== "object" || header === null
      ? partAt(header, "chord's header")
      : groupOf(header, "chord's header member")
  return chainOf([first, partAt(body, "chord's body")])
}
