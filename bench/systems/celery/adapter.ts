/** Celery behind the contract, for one broker or another: its client is a Python process that is driven by lines of JSON. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { installPackages } from "../../services/debian.ts"
import { output } from "../../services/program.ts"
import type { Place, Session, System } from "../../system.ts"

/** Debian's: it alone has the packages that are installed below. */
const python = "/usr/bin/python3"

/** The Python files stay where the sources are: tsc copies none, and this file runs from `dist/systems/celery`. */
const file = (name: string): string =>
  fileURLToPath(new URL(`../../../systems/celery/${name}`, import.meta.url))

const environment = (broker: string, place: Place): { [name: string]: string } => ({
  BENCH_PLACE: JSON.stringify(place),
  BENCH_BROKER: broker,
  PYTHONDONTWRITEBYTECODE: "1"
})

const install = async (): Promise<void> => {
  if (existsSync("/usr/bin/celery") && existsSync("/usr/lib/python3/dist-packages/hiredis")) return
  await installPackages(["celery", "python3-redis", "python3-hiredis"])
}

const versions = async (): Promise<{ [part: string]: string }> => {
  await install()
  const script =
    "import celery, kombu, redis; print(celery.__version__, kombu.__version__, redis.__version__)"
  const [celery = "", kombu = "", redis = ""] = (await output(python, "-c", script)).split(" ")
  return { celery, kombu, "redis-py": redis, python: (await output(python, "-V")).slice(7) }
}

const connect = async (broker: string, place: Place): Promise<Session> => {
  const child = spawn(python, [file("client.py")], {
    env: { ...process.env, ...environment(broker, place) },
    stdio: ["pipe", "pipe", "inherit"]
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done === true) throw new Error("the Python client has ended")
    const { value, error } = JSON.parse(line.value) as { value: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return value
  }
  await answer()

  // One question at a time: the client answers in order, and does nothing side by side.
  let before: Promise<unknown> = Promise.resolve()
  const ask = <A>(operation: string, ...operands: unknown[]): Promise<A> => {
    const next = async (): Promise<A> => {
      child.stdin.write(`${JSON.stringify({ operation, arguments: operands })}\n`)
      return (await answer()) as A
    }
    const asked = before.then(next, next)
    before = asked.catch(() => undefined)
    return asked
  }
  return {
    call: (value) => ask("call", value),
    bulk: (values) => ask("bulk", values),
    enqueue: async (values) => {
      await ask("enqueue", values)
    },
    done: () => ask("done"),
    echo: (text) => ask("echo", text),
    chain: (length, value) => ask("chain", length, value),
    group: (size) => ask("group", size),
    chord: (size) => ask("chord", size),
    close: async () => {
      const ended = once(child, "exit")
      child.stdin.end()
      await ended
    }
  }
}

/** For both brokers. */
const settings =
  "JSON, results in Redis; events, gossip, mingle, heartbeats and rate limits off; bulk and backlog sent over one channel"

const pools = {
  rabbitmq: "a pool of threads (at most 32), prefetch of 8 for each",
  redis: "a pool of 2 processes, prefetch of 64 for each"
}

/** Celery with that broker, and with Redis for the results. */
export const celery = (
  broker: "rabbitmq" | "redis",
  said: Pick<System, "name" | "durability">
): System => ({
  ...said,
  settings: `${pools[broker]}; ${settings}`,
  results: true,
  services: broker === "redis" ? ["redis"] : [broker, "redis"],
  versions,
  prepare: install,
  worker: (place) => ({
    program: python,
    args: [file("worker.py")],
    env: environment(broker, place)
  }),
  connect: (place) => connect(broker, place)
})
