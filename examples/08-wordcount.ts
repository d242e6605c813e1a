/**
 * Counts the words of the files below a directory, on however many workers there are.
 *
 *     npx tsx examples/08-wordcount.ts DIRECTORY [ENDING] [SHOWN]
 */
import { fileURLToPath } from "node:url"
import { connect, startWorker } from "arpeggio"
import { wordcount } from "../workflows/wordcount/contracts.ts"
import { count, list, merge } from "../workflows/wordcount/handlers.ts"

const texts = fileURLToPath(new URL("texts", import.meta.url))
const [directory = texts, ending = ".txt", shown = "4"] = process.argv.slice(2)

await using _worker = await startWorker([list, count, merge], { print: () => {} })
await using app = await connect()

const counts = await app.run(wordcount(directory, ending))
const words = Object.entries(counts).toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
for (const [word, times] of words.slice(0, Number(shown))) console.log(times, word)

// Output:
// 7 the
// 5 her
// 5 of
// 4 and
