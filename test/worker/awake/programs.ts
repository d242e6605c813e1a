/** Programs that wait for something of a test's app, with nothing else that keeps their process alive. */
import * as Schema from "effect/Schema"
import { step, task } from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"

const retry = { times: 2, initial: "50 millis", jitter: 0 } as const
const flaky = task("awake.flaky", { input: [], output: Schema.Finite, retry }, () => {
  if (step().attempt === 1) throw new Error("x")
  return 42
})
const never = task(
  "awake.never",
  { input: [], output: Schema.Finite, timeout: "60 millis" },
  () => new Promise<number>(() => {})
)
const tasks = [flaky, never] as const
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`)

const programs: { readonly [name: string]: () => Promise<void> } = {
  run: async () => {
    const app = await testApp(tasks)
    say(await app.run(flaky()))
    await app.close()
  },
  result: async () => {
    const app = await testApp(tasks)
    const run = await app.start(flaky())
    say(await run.result())
    const again = app.attach(run.id, flaky())
    say((await again.outcome())._tag)
  },
  timeout: async () => {
    const app = await testApp(tasks)
    const run = await app.start(never())
    say((await run.outcome())._tag)
  },
  within: async () => {
    const app = await clientOver(memoryServer().connect())
    const told = await app
      .run(flaky(), undefined, { within: "60 millis" })
      .catch((error: { readonly _tag: string }) => error._tag)
    say(told)
  },
  cancel: async () => {
    const app = await testApp(tasks)
    const run = await app.start(flaky().with({ retry: { times: 1, initial: "1 hour" } }))
    say(await run.cancel())
  },
  drain: async () => {
    const server = memoryServer()
    const app = await clientOver(server.connect())
    const worker = await workerOver(server.connect(), tasks, { grace: "50 millis" })
    await app.start(never().with({ timeout: "1 hour" }))
    await server.settled()
    await worker.drain()
    await app.close()
    say("drained")
  },
  forgotten: async () => {
    const app = await testApp(tasks)
    say(await app.run(flaky()))
    await app.start(flaky().with({ retry: { times: 1, initial: "1 hour" } }))
  },
  killed: async () => {
    const server = memoryServer()
    const [dying, client] = [server.connect(), server.connect({ name: "client" })]
    const app = await clientOver(client)
    server.onCall = ({ connection }) => (connection === "client" ? undefined : "crash-before")
    void workerOver(dying, tasks)
    await app.start(flaky())
    void app.run(flaky())
    server.crash(client)
    void app.close()
    say("killed")
  },
  nothing: async () => {
    await testApp(tasks)
    say("open")
  }
}

await programs[process.argv[2]!]!()
