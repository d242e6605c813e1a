/** Both compilers accept the program, in each of the ways in which they look for packages. */
import { join } from "node:path"
import { codeOf, snippetsOf } from "../../docs/snippets.ts"
import { hello } from "../hello.ts"
import { likewise, readme, root, type Files } from "../place.ts"
import { ok, run } from "../steps.ts"

const compilers = ["typescript", "typescript-5.9"]

const compile = (compiler: string, place: string, ...words: ReadonlyArray<string>) =>
  run(
    process.execPath,
    [join(root, "node_modules", compiler, "bin/tsc"), "-p", place, ...words],
    place
  )

/** As in the README. */
const options = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  types: ["node"],
  strict: true,
  skipLibCheck: true
}

/** Our own declarations are checked, too; those of effect name what browsers have. */
const checking = {
  ...options,
  lib: [...options.lib, "dom"],
  skipLibCheck: false,
  noEmit: true,
  allowImportingTsExtensions: true
}

const ways: { readonly [way: string]: object } = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" }
}

/** The page of contracts alone, and the tests. */
const others: Files = {
  "page.ts": `
    import { chain, encodeWorkflow, type AnyTask } from "arpeggio/contract"
    import { add, mul } from "./workflows/math.ts"
    export const tasks: ReadonlyArray<AnyTask> = [add, mul]
    export const body: string = encodeWorkflow(chain(add(4, 2), mul(3)))
  `,
  "tested.ts": `
    import { testApp } from "arpeggio/testing"
    import { add } from "./workflows/math.ts"
    await using app = await testApp([add])
    export const answer: number = await app.run(add(4, 2))
  `
}

export const types = async (npm: string): Promise<void> => {
  for (const [way, compilerOptions] of Object.entries(ways)) {
    const place = likewise(npm, `types-${way}`, {
      "package.json": { type: "module", private: true },
      "tsconfig.json": { compilerOptions: { ...checking, ...compilerOptions } },
      ...readme(),
      ...others
    })
    for (const compiler of compilers) await compile(compiler, place)
    ok(`the program compiles with moduleResolution ${way}`)
  }
}

/** What a package without "type": "module" is compiled to asks for ours by \`require\`. */
export const commonjs = async (npm: string): Promise<void> => {
  const { "workflows/math.ts": math } = readme()
  const shown: Files = Object.fromEntries(
    snippetsOf("docs/learn/installing.md")
      .filter(({ language }) => language === "ts commonjs")
      .map((snippet) => [snippet.file!, codeOf(snippet)])
  )
  const place = likewise(npm, "commonjs", {
    "package.json": { name: "hello", private: true },
    "tsconfig.json": { compilerOptions: { ...options, module: "nodenext", outDir: "out" } },
    "workflows/math.ts": math!,
    ...shown
  })
  for (const compiler of compilers) await compile(compiler, place)
  await hello({
    what: "CommonJS",
    root: place,
    worker: [process.execPath, "out/worker.js"],
    client: [process.execPath, "out/client.js"]
  })
}
