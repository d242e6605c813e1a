/** Workers and pages that are bundled. */
import { hello } from "../hello.ts"
import { bin, likewise, readme, tool } from "../place.ts"
import { expect, run } from "../steps.ts"

const manifest = { name: "hello", type: "module", private: true }

/** Bundled CommonJS asks for Node's own modules by `require`. */
const banner =
  'import { createRequire as r } from "node:module"; const require = r(import.meta.url);'

export const esbuild = async (npm: string): Promise<void> => {
  const files = readme()
  const place = likewise(npm, "esbuild", {
    "package.json": manifest,
    ...files,
    "contracts.ts": String(files["workflows/math.ts"]).replace(`"arpeggio"`, `"arpeggio/contract"`),
    "page.ts": `
      import { chain, encodeWorkflow } from "arpeggio/contract"
      import { add, mul } from "./contracts.ts"
      document.title = encodeWorkflow(chain(add(4, 2), mul(3)))
    `
  })
  // A warning fails it, too.
  const words = ["--bundle", "--minify", "--format=esm", "--log-level=warning"]
  const bundled = async (...more: ReadonlyArray<string>): Promise<void> => {
    const script = `${bin("esbuild")} ${[...words, ...more].map((word) => `'${word}'`).join(" ")} 2>&1`
    expect(
      `esbuild has nothing to say about ${more[0]}`,
      await run("sh", ["-c", script], place),
      ""
    )
  }
  for (const name of ["worker", "client"]) {
    await bundled(
      `${name}.ts`,
      "--platform=node",
      "--target=node20",
      `--outfile=${name}.mjs`,
      `--banner:js=${banner}`
    )
  }
  await hello({
    what: "esbuild",
    root: place,
    worker: [process.execPath, "worker.mjs"],
    client: [process.execPath, "client.mjs"]
  })
  // What asked for anything of Node would not build.
  await bundled("page.ts", "--platform=browser", "--outfile=page.mjs")
}

/** With what is installed left outside, as Vite does by itself, and with all in one file. */
export const vite = async (npm: string): Promise<void> => {
  const program = await tool("vite@7", ".bin/vite")
  if (program === undefined) return
  for (const [what, noExternal] of [
    ["Vite SSR", false],
    ["Vite SSR, all in one file", true]
  ] as const) {
    const name = `vite-${noExternal}`
    const config = `export default {
      ssr: { noExternal: ${noExternal} },
      build: { target: "node20", rollupOptions: { output: { banner: ${JSON.stringify(noExternal ? banner : "")} } } }
    }`
    const files = { "package.json": manifest, "vite.config.mjs": config, ...readme() }
    const place = likewise(npm, name, files)
    for (const file of ["worker", "client"]) {
      await run(program, ["build", "--ssr", `${file}.ts`, "--outDir", `out/${file}`], place)
    }
    await hello({
      what,
      root: place,
      worker: [process.execPath, "out/worker/worker.js"],
      client: [process.execPath, "out/client/client.js"]
    })
  }
}
