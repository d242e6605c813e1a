/** RabbitMQ of Debian: one node with a port mapper (epmd) of its own, so that no other Erlang on the machine is met. */
import { chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { installPackages } from "./debian.ts"
import { end, freePort, listens, output, program, until, user } from "./program.ts"
import type { Running, Service } from "./service.ts"

/** The script itself: the one in the path of Debian changes the user and the directory. */
const script = "/usr/lib/rabbitmq/bin/rabbitmq-server"

const version = async (): Promise<string> =>
  output("dpkg-query", "--show", "--showformat=${source:Upstream-Version}", "rabbitmq-server")

/** Schedulers of the Erlang VM that have nothing to do sleep at once: clients and workers share its cores. */
const machine = "+sbwt none +sbwtdcpu none +sbwtdio none"

const configuration = (port: number): string =>
  [
    `listeners.tcp.default = 127.0.0.1:${port}`,
    "log.file.level = warning",
    "disk_free_limit.absolute = 50MB",
    ""
  ].join("\n")

export const rabbitmq: Service = {
  name: "rabbitmq",

  async install() {
    if (!existsSync(script)) await installPackages(["rabbitmq-server"])
  },

  async start(directory): Promise<Running> {
    const owner = await user("rabbitmq")
    const [port, distribution, mapper] = [await freePort(), await freePort(), await freePort()]
    const config = join(directory, "rabbitmq.conf")
    mkdirSync(directory, { recursive: true })
    writeFileSync(config, configuration(port))
    if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)

    const env = {
      HOME: directory,
      ERL_EPMD_ADDRESS: "127.0.0.1",
      ERL_EPMD_PORT: String(mapper),
      // With this the script becomes the Erlang VM, and its pid is the one that was started.
      RUNNING_UNDER_SYSTEMD: "true",
      RABBITMQ_NODENAME: `bench${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, "advanced.config"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
      RABBITMQ_MNESIA_BASE: join(directory, "data"),
      RABBITMQ_LOG_BASE: join(directory, "log"),
      RABBITMQ_PID_FILE: join(directory, "pid"),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: machine
    }
    const options = { log: join(directory, "output"), env, cwd: directory, ...owner }
    const epmd = program("epmd", ["-port", String(mapper), "-address", "127.0.0.1"], options)
    await until("epmd", epmd, () => listens(mapper))
    const server = program(script, [], options)
    try {
      await until("RabbitMQ", server, () => listens(port))
    } catch (cause) {
      await Promise.all([end(server), end(epmd)])
      throw cause
    }
    return {
      address: `amqp://guest:guest@127.0.0.1:${port}`,
      pids: [server.pid, epmd.pid].filter((pid) => pid !== undefined),
      version: await version(),
      settings: `one node, classic durable queues, no plugins, ${machine}`,
      async stop() {
        await end(server, 30)
        await end(epmd)
      }
    }
  }
}
