/** Reads one part of a large value as it lies in the stream, from whichever server has it. */
import type { Part, Stored } from "../broker/broker.ts"
import { failure } from "./messages.ts"
import { type DirectReads, recordOf } from "./direct-get.ts"

const encoder = new TextEncoder()

/** `undefined` where the server that answered has none; a follower may lag. */
export const readPart = (
  { multiplexer, cause, reads }: DirectReads,
  subject: string,
  { bytes, large }: Part,
  signal: AbortSignal | undefined
): Promise<Stored | undefined> =>
  new Promise((resolve, reject) => {
    const doing = `reading ${subject}`
    multiplexer.ask({
      subject: reads,
      payload: encoder.encode(JSON.stringify({ last_by_subj: subject })),
      headers: undefined,
      writes: false,
      expects: bytes,
      large,
      doing,
      signal,
      answer: (message) => {
        const { code = 0, status } = message.headers ?? {}
        if (code === 0) resolve(recordOf(message))
        else if (code === 404) resolve(undefined)
        else reject(failure("Misconfigured", `${doing}: the server answered "${status}".`))
        return "done"
      },
      fail: (error, lost) => void cause(error, lost).then(reject)
    })
  })
