/** Answers clients that ask what a run waits for: which of its steps run here, and whether their queues and tasks are served. */
import type { TaskDefinition } from "../define/definition.ts"
import { answerBody, answerTopic, askedIn, askedTopic, type Asked } from "../encode/asked.ts"
import { systemQueue } from "../encode/subjects.ts"
import type { Broker, Subscription } from "../broker/broker.ts"
import type { Running } from "./running-handlers.ts"

/** How many questions are answered in a second: whoever asks more often hears of fewer workers, and no work waits for that. */
const mostASecond = 50

/** How many steps are told at most. */
const mostSteps = 20

/** What is served here, and what runs. */
export interface Told {
  readonly worker: string
  readonly queues: ReadonlyArray<string>
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly running: Pick<Running, "of">
}

/** Answers from now on. Who has nothing of what is asked about says nothing. */
export const answerAsked = (broker: Broker, told: Told): Promise<Subscription> => {
  let second = -1
  let answered = 0
  return broker.listen(askedTopic, (body) => {
    const now = Math.floor(broker.elapsed() / 1_000)
    if (now !== second) answered = 0
    second = now
    if (answered >= mostASecond) return
    answered += 1
    const asked = askedIn(body)
    if (asked !== undefined) answer(broker, told, asked)
  })
}

const answer = (broker: Broker, told: Told, { owner, run, queues, tasks, to }: Asked): void => {
  const steps = told.running.of(owner, run).slice(0, mostSteps)
  const served = queues.filter((queue) => queue === systemQueue || told.queues.includes(queue))
  const known = tasks.flatMap((task) => {
    const definition = told.tasks.get(task)
    return definition === undefined ? [] : [[task, definition.fingerprint] as const]
  })
  if (steps.length === 0 && served.length === 0 && known.length === 0) return
  const body = answerBody({
    worker: told.worker,
    queues: served,
    tasks: Object.fromEntries(known),
    steps: steps.map(({ step, task, context, began }) => ({
      step,
      task,
      attempt: context.attempt,
      lasts: Math.max(0, broker.elapsed() - began)
    }))
  })
  broker.announce(answerTopic(to), body)
}
