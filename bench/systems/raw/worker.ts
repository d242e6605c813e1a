/** The worker written by hand: takes a call, does it, stores the outcome, and acknowledges when that is stored. */
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/transport-node"
import { createInbox } from "@nats-io/transport-node"
import type { Place } from "../../system.ts"
import { type Acknowledgement, type Call, decode, encode } from "./messages.ts"
import { callOf, innerOf, once, open, outcomeOf } from "./place.ts"
import { Puller } from "./puller.ts"

const place = JSON.parse(process.argv[2]!) as Place
const { namespace } = place
const connection: NatsConnection = await open(place, "raw worker")
const worker = `worker-${process.pid}`
const acknowledged = Buffer.from("+ACK")

const inbox = `${createInbox()}.`
const pending = new Map<string, () => void>()
let counter = 0

connection.subscribe(`${inbox}*`, {
  callback: (error, message) => {
    if (error !== null) throw error
    const token = message.subject.slice(inbox.length)
    const stored = pending.get(token)
    pending.delete(token)
    const answer = decode<Acknowledgement>(message.data)
    // 10071: somebody else has stored this outcome, which is as good.
    if (answer.error !== undefined && !/wrong last sequence/.test(answer.error.description ?? "")) {
      throw new Error(`not stored: ${answer.error.description}`)
    }
    stored?.()
  }
})

/** Calls back when the broker has it. */
const store = (
  subject: string,
  payload: Uint8Array,
  headers: MsgHdrs | undefined,
  stored: () => void
): void => {
  const token = (counter++).toString(36)
  pending.set(token, stored)
  const reply = inbox + token
  connection.publish(subject, payload, headers === undefined ? { reply } : { reply, headers })
}

const execute = ({ task, input }: Call): number | string => {
  if (task === "inc") return (input as number) + 1
  if (task === "echo") return input as string
  return (input as ReadonlyArray<number>).reduce((sum, each) => sum + each, 0)
}

const outcome = (run: string, value: number | string): Uint8Array =>
  encode({ v: 1, status: "succeeded", run, worker, value, at: Date.now() })

/** Members done of each chord: in memory, which only works because there is one worker and it does not die. */
const chords = new Map<string, { readonly values: Array<number>; left: number }>()

const end = (message: Msg): void => {
  connection.publish(message.reply!, acknowledged)
  puller.done()
}

const receive = (message: Msg): void => {
  const call = decode<Call>(message.data)
  const { instance, run, step, length, member, size } = call
  const value = execute(call)
  const payload = outcome(run, value)
  if (step !== undefined && step + 1 < length!) {
    store(innerOf(namespace, instance, run, step), payload, once, () => {
      const next = encode({ ...call, input: value as number, step: step + 1, at: Date.now() })
      store(callOf(namespace, instance, run), next, undefined, () => end(message))
    })
  } else if (member !== undefined) {
    store(innerOf(namespace, instance, run, member), payload, once, () => {
      const sum = joined(call, value as number, size!)
      if (sum === undefined) return end(message)
      store(callOf(namespace, instance, run), sum, undefined, () => end(message))
    })
  } else {
    store(outcomeOf(namespace, instance, run), payload, once, () => end(message))
  }
}

/** The call of `sum` when this was the last member. */
const joined = ({ instance, run, member }: Call, value: number, size: number) => {
  let chord = chords.get(run)
  if (chord === undefined) chords.set(run, (chord = { values: [], left: size }))
  chord.values[member!] = value
  chord.left -= 1
  if (chord.left > 0) return undefined
  chords.delete(run)
  return encode({ v: 1, task: "sum", instance, run, input: chord.values, at: Date.now() })
}

const puller = new Puller(connection, namespace, place.concurrency, receive)
await connection.flush()
console.log("ready")
