/**
 * `npm run test:package`: packs the library, checks the package as its users' tools see it, and does what the README says
 * in empty folders: with each package manager, way of bundling and runtime that npm has for this machine. Names of parts
 * as arguments: only those. What could not be had is named at the end.
 */
import { pack, removeAll } from "./place.ts"
import { esbuild, vite } from "./parts/bundlers.ts"
import { images } from "./parts/images.ts"
import { lints } from "./parts/lint.ts"
import { pnpm, workspaces } from "./parts/managers.ts"
import { npm, published } from "./parts/npm.ts"
import { nodes, others } from "./parts/runtimes.ts"
import { commonjs, types } from "./parts/types.ts"
import { skipped } from "./steps.ts"

/** For all of it, in milliseconds; two to five minutes on two cores. */
const patience = 15 * 60_000

const parts: { readonly [name: string]: (tarball: string, npm: string) => Promise<void> } = {
  published: (tarball, place) => published(tarball, place),
  types: (_, place) => types(place),
  commonjs: (_, place) => commonjs(place),
  lint: (tarball) => lints(tarball),
  pnpm: (tarball) => pnpm(tarball),
  workspaces: (tarball) => workspaces(tarball),
  esbuild: (_, place) => esbuild(place),
  vite: (_, place) => vite(place),
  images: (tarball) => images(tarball),
  nodes: (_, place) => nodes(place),
  others: (_, place) => others(place)
}

setTimeout(() => {
  removeAll()
  console.error(`this takes longer than ${patience / 60_000} minutes`)
  process.exit(1)
}, patience).unref()

try {
  const tarball = await pack()
  const place = await npm(tarball)
  const asked = process.argv.slice(2)
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    console.log(`\n# ${name}`)
    const began = performance.now()
    await part(tarball, place)
    console.log(`(${Math.round((performance.now() - began) / 1000)} s)`)
  }
  const left = skipped()
  console.log(left.length === 0 ? "\nnothing was skipped" : `\nskipped: ${left.join("; ")}`)
} finally {
  removeAll()
}
