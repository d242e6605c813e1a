/**
 * Counts the words of the files below a directory, on however many workers there are.
 *
 *     npx tsx examples/08-wordcount.ts DIRECTORY [ENDING] [SHOWN]
 */
import { connect, startWorker } from "arpeggio"
import { wordcount } from "../workflows/wordcount/contracts.ts"
import { count, list, merge } from "../workflows/wordcount/handlers.ts"

const [directory = "workflows/wordcount", ending = ".ts", shown = "3"] = process.argv.slice(2)

await using worker = await startWorker([list, count, merge], { print: () => {} })
await using app = await connect()

const counts = await app.run(wordcount(directory, ending))
const words = Object.entries(counts).toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
for (const [word, times] of words.slice(0, Number(shown))) console.log(times, word)
