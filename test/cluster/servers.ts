/** Three real nats-servers on loopback that are one JetStream cluster, each of which can be killed, paused and started again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { launch, serverBinary, type Started } from "../nats-server.ts"

/** One server of the cluster. */
export interface Member {
  readonly name: string
  readonly url: string
  readonly running: boolean
  /** SIGKILL, keeping the store; resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts again on the same ports and store. */
  start(): Promise<void>
  /** SIGSTOP: its connections stay open and nothing answers. */
  pause(): void
  /** SIGCONT: it goes on as if no time had passed. */
  resume(): void
  /** SIGUSR2: it gives its leaders away, stops its JetStream, and closes its connections one after another before it ends. */
  retire(): void
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<void>
}

export interface Cluster {
  readonly members: ReadonlyArray<Member>
  /** All addresses, as `NATS_URL` takes them. */
  readonly url: string
  /** Who leads the stream: the one that the others agree on. Waits until there is one. */
  leaderOf(stream: string, consumer?: string): Promise<Member>
  /** Resolves when this server describes the stream although it knows of no leader. */
  leaderless(stream: string, member: Member): Promise<void>
  /** Resolves when every server runs and follows, so that a stream with three replicas has three. */
  whole(stream?: string): Promise<void>
  stop(): Promise<void>
}

interface ClusterInfo {
  readonly leader?: string
  readonly replicas?: ReadonlyArray<{ readonly offline?: boolean; readonly current?: boolean }>
}

interface Answer {
  readonly cluster?: ClusterInfo
  readonly error?: { readonly err_code?: number; readonly description?: string }
}

const names = ["n1", "n2", "n3"] as const

/** How long an election, a start or a catching up may take, in milliseconds. */
const patience = 60_000

/** Ports that nobody uses: routes must know each other's before anybody listens. */
const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const held = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer()
          server.once("error", reject)
          server.listen(0, "127.0.0.1", () => resolve(server))
        })
    )
  )
  const ports = held.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

interface Ports {
  readonly client: number
  readonly route: number
}

const configurationOf = (
  name: string,
  ports: Ports,
  routes: ReadonlyArray<number>,
  store: string,
  more: string
): string =>
  `
server_name: ${name}
listen: "127.0.0.1:${ports.client}"
jetstream { store_dir: "${store}" }
lame_duck_duration: "30s"
cluster {
  name: arpeggio
  listen: "127.0.0.1:${ports.route}"
  routes: [${routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ")}]
}
${more}
`

const memberOf = async (
  binary: string,
  name: string,
  file: string,
  url: string
): Promise<Member> => {
  let current: Started | undefined
  return {
    name,
    url,
    get running() {
      return current !== undefined
    },
    kill: async () => {
      const killed = current
      current = undefined
      killed?.child.kill("SIGKILL")
      await killed?.ended
    },
    start: async () => {
      current ??= await launch(binary, file)
    },
    pause: () => void current?.child.kill("SIGSTOP"),
    resume: () => void current?.child.kill("SIGCONT"),
    retire: () => void current?.child.kill("SIGUSR2"),
    ended: async () => {
      const awaited = current
      await awaited?.ended
      if (current === awaited) current = undefined
    }
  }
}

/** Asks one server after the other, each over a connection of its own: the answers of the living say who leads. */
class Observer {
  readonly #connections = new Map<string, NatsConnection>()

  async ask(url: string, subject: string, body: object = {}): Promise<Answer | undefined> {
    try {
      const connection = await this.#to(url)
      const reply = await connection.request(subject, JSON.stringify(body), { timeout: 1_000 })
      return reply.json<Answer>()
    } catch {
      return undefined
    }
  }

  async #to(url: string): Promise<NatsConnection> {
    const known = this.#connections.get(url)
    if (known !== undefined && !known.isClosed()) return known
    const options = { servers: url, reconnect: false, ignoreClusterUpdates: true, timeout: 1_000 }
    const made = await connect(options)
    this.#connections.set(url, made)
    return made
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((each) => each.close()))
  }
}

const eventually = async <A>(what: string, look: () => Promise<A | undefined>): Promise<A> => {
  const end = Date.now() + patience
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`the cluster did not ${what} within ${patience} ms`)
    await sleep(50)
  }
}

/** Starts the three, or the first so many of them: a server that is still to come is one that nobody has met. `configuration` is added to that of each. */
export const startCluster = async (
  count: number = names.length,
  configuration = ""
): Promise<Cluster> => {
  const binary = await serverBinary()
  const folder = await mkdtemp(join(tmpdir(), "arpeggio-cluster-"))
  const ports = await freePorts(2 * names.length)
  const members = await Promise.all(
    names.map(async (name, at) => {
      const own = { client: ports[2 * at]!, route: ports[2 * at + 1]! }
      const others = names.flatMap((_, other) => (other === at ? [] : [ports[2 * other + 1]!]))
      const file = join(folder, `${name}.conf`)
      await writeFile(file, configurationOf(name, own, others, join(folder, name), configuration))
      return memberOf(binary, name, file, `nats://127.0.0.1:${own.client}`)
    })
  )
  const observer = new Observer()
  const alive = (): ReadonlyArray<Member> => members.filter(({ running }) => running)

  const informed = async (subject: string): Promise<ClusterInfo | undefined> => {
    for (const { url } of alive()) {
      const answer = await observer.ask(url, subject)
      if (answer?.cluster?.leader !== undefined) return answer.cluster
    }
    return undefined
  }

  const stop = async (): Promise<void> => {
    await observer.close()
    await Promise.all(members.map((member) => member.kill()))
    await rm(folder, { recursive: true, force: true })
  }

  /** A stream with three replicas can be made once the leader of the cluster knows all three servers. */
  const formed = async (): Promise<true | undefined> => {
    const [{ url }] = members as [Member]
    const probe = { name: "formed", subjects: ["formed"], num_replicas: 3, storage: "memory" }
    const made = await observer.ask(url, "$JS.API.STREAM.CREATE.formed", probe)
    if (made === undefined || made.error !== undefined) return undefined
    await observer.ask(url, "$JS.API.STREAM.DELETE.formed")
    return true
  }

  try {
    await Promise.all(members.slice(0, count).map((member) => member.start()))
    if (count === names.length) await eventually("form", formed)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    members,
    url: members.map(({ url }) => url).join(","),
    leaderOf: (stream, consumer) =>
      eventually(`elect a leader of ${stream}`, async () => {
        const subject =
          consumer === undefined
            ? `$JS.API.STREAM.INFO.${stream}`
            : `$JS.API.CONSUMER.INFO.${stream}.${consumer}`
        const info = await informed(subject)
        return alive().find(({ name }) => name === info?.leader)
      }),
    leaderless: async (stream, member) => {
      await eventually(`lose the leader of ${stream}`, async () => {
        const answer = await observer.ask(member.url, `$JS.API.STREAM.INFO.${stream}`)
        const headless = answer?.cluster !== undefined && (answer.cluster.leader ?? "") === ""
        return headless ? true : undefined
      })
    },
    whole: async (stream) => {
      await Promise.all(members.map((member) => member.start()))
      if (stream === undefined) return
      await eventually("come together again", async () => {
        const info = await informed(`$JS.API.STREAM.INFO.${stream}`)
        const replicas = info?.replicas ?? []
        const well = replicas.every(({ offline, current }) => offline !== true && current === true)
        return well && replicas.length === names.length - 1 ? true : undefined
      })
    },
    stop
  }
}
