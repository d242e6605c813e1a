/** Three worker processes count the words of real files; a shell script counts them again. */
import { execFileSync } from "node:child_process"
import { connect } from "arpeggio"
import { afterAll, beforeAll, expect, it } from "vitest"
import { wordcount, Unreadable } from "../../workflows/wordcount/contracts.ts"
import { addCounts, countWords } from "../../workflows/wordcount/words.ts"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { environment } from "../dev-server/project.ts"
import { root, startProgram, type Program } from "./program.ts"

const namespace = "wordcount"
let server: NatsServer
let workers: ReadonlyArray<Program>

beforeAll(async () => {
  server = await startNatsServer()
  const facts = environment({ NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace })
  workers = [1, 2, 3].map(() => startProgram("test/examples/wordcount-worker.ts", facts))
  await Promise.all(workers.map((worker) => worker.noticed("wordcount.merge")))
}, 60_000)

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await server.stop()
}, 60_000)

/** The script that words.ts states. */
const byShell = (directory: string): ReadonlyMap<string, number> => {
  const script = `find "$1" -type f -name '*.md' -exec awk 1 {} + | LC_ALL=C tr -cs 'A-Za-z' '\\n' | tr A-Z a-z | grep . | LC_ALL=C sort | uniq -c`
  const lines = execFileSync("sh", ["-c", script, "sh", directory], {
    encoding: "utf8",
    maxBuffer: 2 ** 26
  })
  return new Map(
    lines
      .trim()
      .split("\n")
      .map((line) => line.trim().split(" "))
      .map(([times, word]) => [word!, Number(times)])
  )
}

it("counts what the shell counts", { timeout: 60_000 }, async () => {
  const directory = `${root}/node_modules`
  await using app = await connect({ servers: server.url, namespace })
  const counts = await app.run(wordcount(directory, ".md", 2))
  const expected = byShell(directory)
  expect(expected.size).toBeGreaterThan(1_000)
  expect(new Map(Object.entries(counts))).toEqual(expected)

  const busy = workers.filter(({ notices }) => notices.some((line) => line.includes(".count#")))
  expect(busy.length).toBeGreaterThan(1)
})

it("says which directory it could not read", { timeout: 60_000 }, async () => {
  await using app = await connect({ servers: server.url, namespace })
  await expect(app.run(wordcount(`${root}/nowhere`))).rejects.toBeInstanceOf(Unreadable)
})

it("counts words that every object has", () => {
  expect(addCounts([countWords("The constructor"), countWords("the Constructor's café")])).toEqual({
    the: 2,
    constructor: 2,
    s: 1,
    caf: 1
  })
})
