/** Bundles what `tsc` has declared into `dist`: a worker that starts reads one file of ours instead of two hundred. */
import { build, type Plugin } from "esbuild"

/** Packages stay imports. Without a word on side effects, every entry would import each of them once more for nothing, and a user's own bundler would warn of it. */
const packages: Plugin = {
  name: "packages",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ kind, path }) =>
      kind === "entry-point" ? undefined : { path, external: true, sideEffects: false }
    )
  }
}

await build({
  entryPoints: ["src/index.ts", "src/contract.ts", "src/testing/index.ts", "src/lint/index.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  logLevel: "warning",
  plugins: [packages]
})
