/** Everything that workers and clients of the storm `night` said: their lines, and the problems that health named, looked at every second. */
import { connect, type App } from "arpeggio"
import type { Stage } from "../stage.ts"
import type { Word } from "./silence.ts"

/** Lines of every day, which explain nothing. */
const ordinary =
  /(^\S+ \S+#\S+ {2}(started|succeeded|stopped|went on|failed|crashed|timed out|expired))|^arpeggio \d|(connected to NATS at .* again$)/

export class Told {
  readonly #stage: Stage
  readonly #heard: Array<Word> = []
  readonly #polls: Array<NodeJS.Timeout> = []

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** A client as a program has one, whose lines and problems are written down. */
  async connect(): Promise<App> {
    const { server, namespace } = this.#stage
    const print = (words: string): void => void this.#heard.push({ at: Date.now(), words })
    const app = await connect({ servers: server.url, namespace, print })
    const poll = setInterval(() => {
      void app.health().then(({ problems }) => {
        for (const problem of problems) print(`health: ${problem}`)
        return undefined
      })
    }, 1_000)
    this.#polls.push(poll.unref())
    return app
  }

  /** What explains something, in order. */
  async words(): Promise<ReadonlyArray<Word>> {
    const logged = (await this.#stage.logged(/^\d{4}-\d\d-\d\dT/)).map((line) => ({
      at: Date.parse(line.slice(0, 24)),
      words: line.slice(25)
    }))
    return [...this.#heard, ...logged]
      .filter(({ words }) => !ordinary.test(words))
      .toSorted((left, right) => left.at - right.at)
  }

  end(): void {
    for (const poll of this.#polls) clearInterval(poll)
  }
}
