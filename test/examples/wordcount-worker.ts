/** A worker that counts words, for the test with several of them. */
import { serve } from "arpeggio"
import { count, list, merge } from "../../workflows/wordcount/handlers.ts"

await serve([list, count, merge], { concurrency: 2, log: "steps" })
