/** What a task is to the rest of the library: its name, its codecs and, where it is served, its handler. */
import type { ErrorCodec } from "./error-codec.ts"
import type { SchemaCodec, ValueCodec } from "./codec.ts"
import type { AnyWorkflow } from "./workflow.ts"
import type { RetryPolicy } from "./retry.ts"
import type { Times } from "./times.ts"

/** All that is known of a task. */
export interface TaskDefinition {
  readonly name: string
  /** Where calls go that say nothing else. */
  readonly queue: string
  /** How long one attempt may take, in milliseconds. */
  readonly timeout?: number
  readonly retry?: RetryPolicy
  /** When calls begin that say nothing else. */
  readonly times?: Times
  readonly arity: number
  readonly inputCodecs: ReadonlyArray<SchemaCodec>
  readonly outputCodec: ValueCodec
  readonly errorCodec: ErrorCodec
  /** Of the JSON that travels. Worked out when it is first read. */
  readonly fingerprint: string
  readonly handler?: Handler
  /** Of a test: why a workflow that the handler returned can be done by nobody. */
  readonly refuses?: (workflow: AnyWorkflow) => string | undefined
}

/** What does a task: a function of its arguments. */
export type Handler = (...input: ReadonlyArray<never>) => unknown
