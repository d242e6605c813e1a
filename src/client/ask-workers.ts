/** Asks all workers about a run, for as long as it takes them to answer, and half a second at most. */
import { randomBytes } from "node:crypto"
import {
  type Answer,
  answerIn,
  answerTopic,
  type Asked,
  askedBody,
  askedTopic
} from "../encode/asked.ts"
import type { Broker } from "../broker/broker.ts"
import { within } from "../broker/time.ts"

/** How long answers are waited for, in milliseconds, by this process's clock: a test's stands still. */
const answersTake = 500

/** What was answered by when there was `enough`, or no more time. */
export const askWorkers = async (
  broker: Pick<Broker, "announce" | "listen">,
  about: Omit<Asked, "to">,
  enough: (answers: ReadonlyArray<Answer>) => boolean
): Promise<ReadonlyArray<Answer>> => {
  const to = randomBytes(12).toString("hex")
  const answers: Array<Answer> = []
  let done: () => void = () => {}
  const all = new Promise<void>((resolve) => (done = resolve))
  const listening = await broker.listen(answerTopic(to), (body) => {
    const answer = answerIn(body)
    if (answer === undefined) return
    answers.push(answer)
    if (enough(answers)) done()
  })
  try {
    broker.announce(askedTopic, askedBody({ ...about, to }))
    await within(answersTake, all)
    return answers
  } finally {
    listening.stop()
  }
}
