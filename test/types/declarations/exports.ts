/** One export of every public kind, none annotated: its declaration file has to name each type by a public name. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import {
  type AnyWorkflow,
  type BrokerError,
  always,
  chain,
  chord,
  Client,
  connect,
  ContractError,
  decodeWorkflow,
  encodeWorkflow,
  Failure,
  group,
  ifFailed,
  ignoreInput,
  implement,
  type InputOf,
  map,
  onFailure,
  onSuccess,
  Outcome,
  open,
  pass,
  recover,
  serve,
  settle,
  startWorker,
  step,
  Step,
  task,
  withInput,
  type Task,
  Worker,
  type Workflow
} from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"

const { Finite } = Schema

// define
export class Denied extends Schema.TaggedError<Denied>()("Denied", { who: Schema.String }) {}
export const contract = { input: [Finite, Finite], output: Finite, errors: [Denied] } as const
export const add = task("a.add", contract, (x, y) => x + y)
export const declared = task("a.declared", {
  input: [Finite],
  output: Schema.Option(Schema.Date),
  retry: { times: 3 },
  timeout: "2 seconds"
})
export const bound = implement(declared, () => {
  throw new Denied({ who: "me" })
})
export const inEffect = task("a.effect", contract, (x) =>
  Effect.map(Step, ({ attempt }) => attempt + x)
)
export const ofOutcomes = task(
  "a.outcomes",
  { input: [Outcome.schema(Finite, [Denied])], output: Schema.Void },
  () => {}
)
export const ofFailures = task(
  "a.failures",
  { input: [Failure.schema([Denied])], output: Schema.Void },
  () => {}
)
export const context = () => step()
export const contextInEffect = Effect.map(Step, (step) => step)
export const refusal = (cause: unknown) => (cause instanceof ContractError ? cause : undefined)
export const reason = ({ reason }: BrokerError) => reason
export const definition = add["~arpeggio"]
export const { outputCodec, errorCodec, handler, retry } = declared["~arpeggio"]

// compose
export const full = add(1, 2)
export const partial = add(1)
export const opened = add.partial(1, open)
export const { partial: partially } = add
export const gap = open
export const optioned = add(1).with({ retry: { times: 3 } })
export const steps = chain(add(1, 2), add(3))
export const keyed = steps.with({ key: "a" })
export const members = group(add(1, 2), declared(1))
export const record = group({ a: add(1), b: add(2) })
export const list = group([1, 2].map((n) => add(n)))
export const each = map(add(1), { concurrency: 2 })
export const gathered = chord([add(1, 2)], each)
export const recovered = recover(add(1), { Denied: ignoreInput(add(1, 2)) })
export const amended = recover(add(1), {
  Denied: withInput(pass(Schema.Struct({ error: Denied, input: Finite })))
})
export const fallback = withInput(add(1))
export const cleaned = always(add(1), ofOutcomes())
export const failed = ifFailed(add(1), withInput(pass(Schema.Struct({ input: Finite }))))
export const settled = settle(add(1))
export const passed = group({ order: pass(Finite), sum: add(1) })
export const onlyPassed = pass(Schema.Option(Schema.Date))
export const hooked = onSuccess(onFailure(add(1, 2), ofFailures()), add(1))
export const ignored = ignoreInput(add(1, 2))
export const encoded = encodeWorkflow(steps)
export const decoded = decodeWorkflow(encoded, [add])
export const data = steps["~arpeggio"]
export const { plan, tasks, start } = keyed["~arpeggio"]
export const overrides = { call: full.with, whole: steps.with }
export const thenNothing = <In, Out>(w: Workflow<In, Out>) => chain(w, ignoreInput(add(1, 2)))
export const both = <In, A, B>(a: Workflow<In, A>, b: Workflow<In, B>) => group(a, b)
export const eachOf = <In, Out, Err>(w: Workflow<In, Out, Err>) => map(w)
export const orNothing = <In, Out, Err>(w: Workflow<In, Out, Err | Denied>) =>
  recover(w, { Denied: ignoreInput(add(1, 2)) })
export const called = <Name extends string>(of: Task<Name, [number], number>) => of(1)

// run
export class Host {
  app = connect()
  worker = startWorker([add])
  test = testApp([add])
  server = memoryServer()
}
export const connecting = () => connect()
export const app = await connect()
export const { run, start: starts, startAll, attach, cancel, deadLetters } = app
export const runOf = <W extends AnyWorkflow>(w: W, input: InputOf<W>) => app.run(w, input)
export const started = await app.start(add(1, 2))
export const result = started.result()
export const outcome = started.outcome()
export const status = started.status()
export const described = started.describe()
export const { waiting } = await started.describe()
export const attached = app.attach(started.id, add(1))
export const plain = app.attach(started.id)
export const byTask = app.attach(started.id, add)
export const many = await app.startAll([add(1, 2), declared(1)])
export const health = await app.health()
export const { list: pages, read, redrive, drop } = deadLetters
export const page = await deadLetters.list()
export const letter = await deadLetters.read("a")
export const again = deadLetters.redrive("a")
export const clientLayer = Client.layer()
export const verbs = Effect.map(Client, ({ run, start, attach, cancel }) => ({
  run,
  start,
  attach,
  cancel
}))
export const program = Effect.gen(function* () {
  const client = yield* Client
  const run = yield* client.start(add(1, 2))
  return { client, run, health: yield* client.health, dead: client.deadLetters }
})

// work
export const working = () => startWorker([add])
export const serving = () => serve([add])
export const servingMore = () => serve({ add }, [add], { concurrency: 3 })
export const worker = await startWorker([add])
export const workerHealth = await worker.health()
export const { counters, lanes, eventLoop } = workerHealth
export const layer = Worker.layer([add, inEffect])
export const { layer: layerOf } = Worker
export const launched = Layer.launch(layer)

// test
export const server = memoryServer()
export const serverVerbs = { ...server }
export const broker = server.connect({ name: "a" })
export const brokerVerbs = { ...broker }
export const tested = await testApp([add])
export const { expectStarted, started: startsOf } = tested
export const expected = tested.expectStarted(add)
export const clientOfOne = clientOver(broker)
export const workerOfOne = workerOver(broker, [add])
export const onCall = server.onCall

// The functions themselves.
export const taskAgain = { task }
export const chainAgain = { chain }
export const groupAgain = { group }
export const mapAgain = { map }
export const recoverAgain = { recover }
export const settleAgain = { settle }
export const chordAgain = { chord }
export const implementAgain = { implement }
export const onSuccessAgain = { onSuccess }
export const onFailureAgain = { onFailure }
export const ignoreInputAgain = { ignoreInput }
export const connectAgain = { connect }
export const startWorkerAgain = { startWorker }
export const serveAgain = { serve }
export const testAppAgain = { testApp }
export const memoryServerAgain = { memoryServer }
export const clientOverAgain = { clientOver }
export const workerOverAgain = { workerOver }
export const encodeWorkflowAgain = { encodeWorkflow }
export const decodeWorkflowAgain = { decodeWorkflow }
