/** Other ways to install: pnpm, and a monorepo of npm workspaces. */
import { join } from "node:path"
import { hello } from "../hello.ts"
import { install, project, readme, tool } from "../place.ts"
import { run } from "../steps.ts"

export const pnpm = async (tarball: string): Promise<void> => {
  const program = await tool("pnpm@10", ".bin/pnpm")
  if (program === undefined) return
  const place = project("pnpm", {
    "package.json": { name: "hello", type: "module", private: true },
    ...readme()
  })
  await run(program, ["add", tarball, "effect", "tsx"], place)
  const tsx = join(place, "node_modules/.bin/tsx")
  await hello({
    what: "pnpm",
    root: place,
    worker: [tsx, "worker.ts"],
    client: [tsx, "client.ts"]
  })
}

/** Contracts in one package; a worker in the second and a client in the third meet over them. */
export const workspaces = async (tarball: string): Promise<void> => {
  const { "workflows/math.ts": math, "worker.ts": worker, "client.ts": client } = readme()
  const imported = (text: string | object | undefined): string =>
    String(text).replaceAll("./workflows/math.ts", "@shop/tasks")
  const member = (name: string) => ({
    name,
    version: "1.0.0",
    type: "module",
    private: true,
    dependencies: { "@shop/tasks": "1.0.0", arpeggio: `file:${tarball}`, effect: "^4.1.0" }
  })
  const place = project("workspaces", {
    "package.json": { name: "shop", private: true, workspaces: ["packages/*"] },
    "packages/tasks/package.json": {
      ...member("@shop/tasks"),
      dependencies: { arpeggio: `file:${tarball}`, effect: "^4.1.0" },
      exports: "./math.ts"
    },
    "packages/tasks/math.ts": math!,
    "packages/worker/package.json": member("@shop/worker"),
    "packages/worker/worker.ts": imported(worker),
    "packages/client/package.json": member("@shop/client"),
    "packages/client/client.ts": imported(client)
  })
  await install(place, ["-D", "tsx"])
  const tsx = join(place, "node_modules/.bin/tsx")
  await hello({
    what: "npm workspaces",
    root: place,
    worker: [tsx, "worker.ts"],
    workerIn: join(place, "packages/worker"),
    client: [tsx, "client.ts"],
    clientIn: join(place, "packages/client")
  })
}
