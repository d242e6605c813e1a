/** A header whose members run side by side, and a body that takes all their results: `chain(header, body)`. */
import {
  type AnyWorkflow,
  type ErrorOf,
  type InputOf,
  isWorkflow,
  type OutputOf,
  type Workflow
} from "../define/workflow.ts"
import { chainOf } from "./chain.ts"
import type { Accepts } from "./fit.ts"
import { type ErrorsOf, groupOf, type InputsOf, type Members, type Outputs } from "./group.ts"
import { partAt } from "./members.ts"

type HeaderInput<H> = H extends AnyWorkflow ? InputOf<H> : InputsOf<H>
type HeaderOutput<H> = H extends AnyWorkflow ? OutputOf<H> : Outputs<H>
type HeaderError<H> = H extends AnyWorkflow ? ErrorOf<H> : ErrorsOf<H>

/** Plan: that of `chain(header, body)`. The body is created once, when all members have succeeded. */
export function chord<const H, B>(
  header: H extends AnyWorkflow ? H : Members<H>,
  body: Accepts<B, HeaderOutput<H>, "what the header returns">
): Workflow<HeaderInput<H>, OutputOf<B>, HeaderError<H> | ErrorOf<B>>
export function chord(header: unknown, body: unknown): unknown {
  const first =
    isWorkflow(header) || typeof header !== "object" || header === null
      ? partAt(header, "chord's header")
      : groupOf(header, "chord's header member")
  return chainOf([first, partAt(body, "chord's body")])
}
