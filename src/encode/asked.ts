/** What a client asks all workers about a run, and what each answers: on core subjects, at most once, stored nowhere. */
import * as Schema from "effect/Schema"

/** The topic of the question. */
export const askedTopic = "asked"

/** The topic of the answers to one question, by the name that it gives. */
export const answerTopic = (to: string): string => `answers.${to}`

const Names = Schema.Array(Schema.String)

/** Who has steps of this run in hand, and who serves these queues and tasks? */
export const Asked = Schema.Struct({
  owner: Schema.String,
  run: Schema.String,
  queues: Names,
  tasks: Names,
  /** Where answers go: one token. */
  to: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9]{1,40}$/))
})
export type Asked = typeof Asked.Type

/** What one worker has of what it is asked about. */
export const Answer = Schema.Struct({
  worker: Schema.String,
  queues: Names,
  /** Fingerprints of the contracts that it serves, by the names of the tasks. */
  tasks: Schema.Record(Schema.String, Schema.String),
  steps: Schema.Array(
    Schema.Struct({
      step: Schema.String,
      task: Schema.String,
      attempt: Schema.Finite,
      /** For how long it has been running, in milliseconds. */
      lasts: Schema.Finite
    })
  )
})
export type Answer = typeof Answer.Type

const bodyOf = (told: Asked | Answer): Uint8Array => Buffer.from(JSON.stringify(told))

const reading =
  <A>(schema: Schema.Codec<A, unknown>): ((body: Uint8Array) => A | undefined) =>
  (body) => {
    try {
      return Schema.decodeUnknownSync(schema)(JSON.parse(Buffer.from(body).toString()))
    } catch {
      return undefined
    }
  }

export const askedBody: (asked: Asked) => Uint8Array = bodyOf
export const answerBody: (answer: Answer) => Uint8Array = bodyOf

/** What was told, unless it is nothing of ours. */
export const askedIn: (body: Uint8Array) => Asked | undefined = reading(Asked)
export const answerIn: (body: Uint8Array) => Answer | undefined = reading(Answer)
