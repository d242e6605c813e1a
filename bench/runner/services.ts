/** The services of a run: started when they are first needed, stopped at the end, and frozen while others are measured. */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Profile, Running, Service } from "../services/service.ts"
import type { ServiceName } from "../system.ts"
import { signalTree } from "./proc.ts"
import { within } from "./process.ts"

interface Held {
  readonly running: Running
  frozen: boolean
}

export class Services {
  readonly #profile: Profile
  readonly #parent: string
  readonly #held = new Map<ServiceName, Held>()
  readonly #failed = new Map<ServiceName, Error>()
  #directory: string | undefined
  #starting: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(profile: Profile, parent: string) {
    this.#profile = profile
    this.#parent = parent
    // Whoever is frozen does not hear that it should end.
    process.on("exit", () => {
      for (const { running } of this.#held.values()) {
        signalTree(running.pids, "SIGKILL")
      }
    })
  }

  /** These run, the others stand still: an idle broker takes time from whoever is measured. */
  async need(names: ReadonlyArray<ServiceName>): Promise<ReadonlyArray<Running>> {
    for (const [name, held] of this.#held) if (!names.includes(name)) this.#freeze(held)
    let woken = false
    const found: Array<Running> = []
    for (const name of names) {
      const held = this.#held.get(name)
      if (this.#stopped) throw new Error("the bench is stopping")
      if (held?.frozen === true) woken = true
      if (held !== undefined) this.#wake(held)
      const starting = held === undefined ? this.#start(name) : held.running
      this.#starting = Promise.resolve(starting).catch(() => undefined)
      found.push(await starting)
    }
    if (woken) await sleep(200)
    return found
  }

  get running(): ReadonlyMap<ServiceName, Running> {
    return new Map([...this.#held].map(([name, { running }]) => [name, running]))
  }

  async #start(name: ServiceName): Promise<Running> {
    const failed = this.#failed.get(name)
    if (failed !== undefined) throw failed
    try {
      this.#directory ??= await this.#open()
      const directory = join(this.#directory, name)
      await mkdir(directory)
      const module = (await import(`../services/${name}.js`)) as Record<string, Service>
      const service = module[name]!
      await within(300, `installing ${name}`, Promise.resolve(service.install?.()))
      const starting = service.start(directory, this.#profile)
      const running = await within(120, `starting ${name}`, starting)
      this.#held.set(name, { running, frozen: false })
      return running
    } catch (error) {
      const failure = new Error(
        `${name}: ${error instanceof Error ? error.message : String(error)}`
      )
      this.#failed.set(name, failure)
      throw failure
    }
  }

  /** Others may look into it: a database does not run as root. */
  async #open(): Promise<string> {
    const directory = await mkdtemp(join(this.#parent, "arpeggio-bench-"))
    await chmod(directory, 0o755)
    return directory
  }

  #freeze(held: Held): void {
    if (!held.frozen) signalTree(held.running.pids, "SIGSTOP")
    held.frozen = true
  }

  #wake(held: Held): void {
    if (held.frozen) signalTree(held.running.pids, "SIGCONT")
    held.frozen = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#starting
    for (const [name, held] of this.#held) {
      this.#wake(held)
      try {
        await within(30, `stopping ${name}`, held.running.stop())
      } catch {
        signalTree(held.running.pids, "SIGKILL")
      }
      this.#held.delete(name)
    }
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true })
  }
}
