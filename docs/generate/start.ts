/** Writes docs/reference from the docstrings of what the package exports: `npm run docs`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { read } from "./read.ts"
import { render } from "./render.ts"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")
const folder = `${root}/docs/reference`
const pages = render(read(root))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, text] of pages) writeFileSync(`${folder}/${name}`, text)
process.stdout.write(`${pages.size} pages in docs/reference\n`)
