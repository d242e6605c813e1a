/** What tests of worker processes begin with: a server, and for each test a client in a namespace of its own. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest"
import type { App } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"
import { killPrograms, type Program, startProgram } from "./process.ts"

export interface Place {
  readonly server: Awaited<ReturnType<typeof startNatsServer>>
  readonly app: App
  readonly namespace: string
  /** Starts the worker program there. */
  readonly start: (settings?: NodeJS.ProcessEnv) => Program
}

/** Namespaces are the name and a number. What a test asks for here is its own; with it end its client and its programs. */
export const placeOf = (name: string, program: string): Place => {
  let server: Place["server"]
  let app: App | undefined
  let namespace = ""
  let counter = 0
  beforeAll(async () => {
    server = await startNatsServer()
  })
  beforeEach(async () => {
    namespace = `${name}-${++counter}`
    app = await clientOver(await connectNats({ servers: server.url, namespace }))
  })
  afterEach(async () => {
    await app?.close()
    killPrograms()
  })
  afterAll(() => server?.stop())
  return {
    get server() {
      return server
    },
    get app() {
      return app!
    },
    get namespace() {
      return namespace
    },
    start: (settings = {}) =>
      startProgram(program, {
        NATS_URL: server.url,
        ARPEGGIO_NAMESPACE: namespace,
        ...settings
      })
  }
}
