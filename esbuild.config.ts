/** Bundles what `tsc` has declared into `dist`: a worker that starts reads one file of ours instead of two hundred. */
import { fileURLToPath } from "node:url"
import { build, type BuildResult, type Plugin } from "esbuild"

/** Packages stay imports. Without a word on side effects, every entry would import each of them once more for nothing, and a user's own bundler would warn of it. */
const packages: Plugin = {
  name: "packages",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ kind, path }) =>
      kind === "entry-point" ? undefined : { path, external: true, sideEffects: false }
    )
  }
}

/** Writes the files of the package into a folder, and says which file has what. */
export const bundle = (outdir: string): Promise<BuildResult<{ readonly metafile: true }>> =>
  build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    metafile: true,
    entryPoints: [
      "src/index.ts",
      "src/contract.ts",
      "src/testing/index.ts",
      "src/lint/index.ts",
      "src/cli/bin.ts"
    ],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: true,
    logLevel: "warning",
    plugins: [packages]
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle("dist")
