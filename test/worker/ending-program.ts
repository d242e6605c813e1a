/** A worker process that ends in the ways that `ending.test.ts` is about. */
import { createServer, get } from "node:http"
import { type AddressInfo, createConnection } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { type App, connect, serve, task } from "arpeggio"

const long = 600_000

/** Goes on whatever it is told, and keeps the process alive; the second worker does it at once. */
export const deaf = task(
  "ending.deaf",
  { input: [Schema.Finite], output: Schema.Finite },
  async (x) => {
    if (process.env["QUICK"] !== undefined) return x
    process.stdout.write("began\n")
    await sleep(long)
    return x
  }
)

const ways: { readonly [how: string]: () => void } = {
  exit: () => process.exit(3),
  thrown: () => {
    setTimeout(() => {
      throw new Error("in a timer")
    }, 0)
  },
  rejected: () => void Promise.reject(new Error("not awaited"))
}

/** Ends the process that it runs in. */
export const ends = task(
  "ending.ends",
  { input: [Schema.String], output: Schema.Finite },
  async (how) => {
    if (process.env["QUICK"] !== undefined) return 0
    ways[how]!()
    await sleep(long)
    return 0
  }
)

/** The program's own client, where it has one. */
let app: App | undefined

/** What a program may do when its worker has stopped; each takes longer than an idle process is left alone. */
const afterwards: { readonly [what: string]: () => Promise<void> | void } = {
  awaits: async () => {
    await sleep(1_500)
    process.stdout.write("cleaned up\n")
  },
  calls: () => {
    const server = createServer((_, response) => void setTimeout(() => response.end(), 1_500))
    server.listen(0, "127.0.0.1", () => {
      get({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" }, (response) => {
        response.resume().on("end", () => {
          process.stdout.write("cleaned up\n")
          server.close()
        })
      })
    })
  },
  fails: () => {
    process.exitCode = 7
  },
  "closes its client": async () => {
    await app!.close()
    process.stdout.write("cleaned up\n")
  }
}

/** What a program may have begun before its worker or beside it, and lives for. */
const beside: { readonly [what: string]: () => unknown } = {
  "a server": () => createServer((_, response) => void response.end("here")).listen(0, "127.0.0.1"),
  "a timer": () => setInterval(() => {}, 60_000),
  "a connection": () => {
    const { hostname, port } = new URL(process.env["NATS_URL"]!)
    return createConnection(Number(port), hostname)
  },
  "a timer that fires": () => setImmediate(() => setInterval(() => {}, 700))
}

if (process.argv[1] === import.meta.filename) {
  if (process.env["AFTERWARDS"] === "closes its client") app = await connect()
  beside[process.env["BESIDE"] ?? ""]?.()
  await serve([deaf, ends], {
    log: "steps",
    grace: process.env["GRACE"] === undefined ? "300 millis" : "10 seconds"
  })
  process.stdout.write("drained\n")
  await afterwards[process.env["AFTERWARDS"] ?? ""]?.()
}
