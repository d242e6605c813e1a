/** Writes docs/reference from the docstrings of what the package exports, and the page of the command line from its help: `npm run docs`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { commandLinePage } from "./command-line.ts"
import { read } from "./read.ts"
import { render } from "./render.ts"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")
const folder = `${root}/docs/reference`
const pages = render(read(root))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, text] of pages) writeFileSync(`${folder}/${name}`, text)
writeFileSync(`${root}/docs/operate/command-line.md`, commandLinePage())
process.stdout.write(`${pages.size} pages in docs/reference\n`)
