/** Speaks the JetStream API: one JSON request, one JSON answer. */
import type { Msg } from "@nats-io/transport-node"
import { passes, type ServerError, serverFailure } from "./error-codes.ts"
import type { Multiplexer } from "./requests.ts"
import type { Question, Verdict } from "./request.ts"

/** How long to go on asking: for that many milliseconds at most, and not once the signal is given; and how much it may bring. */
export interface Limits {
  readonly patience?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** How many bytes the answer may have, where that counts. */
  readonly expects?: number
  /** Whether it is a part of a large value. */
  readonly large?: boolean
}

/** Asks `<prefix>.<verb>`. An answer with an `error` is returned, unless that error passes by itself. */
export type Api = <Answer>(
  verb: string,
  body: unknown,
  doing: string,
  limits?: Limits
) => Promise<Answer & { readonly error?: ServerError }>

const encoder = new TextEncoder()

export const makeApi =
  (multiplexer: Multiplexer, prefix: string): Api =>
  <Answer>(verb: string, body: unknown, doing: string, limits?: Limits) =>
    new Promise<Answer & { readonly error?: ServerError }>((resolve, reject) => {
      const question: Question = {
        subject: `${prefix}.${verb}`,
        payload: encoder.encode(JSON.stringify(body)),
        headers: undefined,
        // Each of our requests may be made twice without harm, so a lost answer leaves no doubt that matters.
        writes: false,
        doing,
        patience: limits?.patience,
        signal: limits?.signal,
        expects: limits?.expects,
        large: limits?.large,
        answer: (message: Msg): Verdict => {
          const answer = message.json<Answer & { readonly error?: ServerError }>()
          if (answer.error !== undefined && passes(answer.error)) return "again"
          resolve(answer)
          return "done"
        },
        fail: reject
      }
      multiplexer.ask(question)
    })

/** The answer, or the error it carries, thrown. */
export const sound = <Answer extends { readonly error?: ServerError }>(
  doing: string,
  answer: Answer
): Answer => {
  if (answer.error !== undefined) throw serverFailure(doing, answer.error)
  return answer
}
