/** Signs that this process is deployed, where a private broker would accept work that no worker reads. */
import { fstatSync, readFileSync } from "node:fs"
import { basename } from "node:path"

/** Variables that only a platform, an orchestrator or a process manager sets. */
const variables: ReadonlyArray<readonly [name: string, platform: string]> = [
  ["KUBERNETES_SERVICE_HOST", "Kubernetes"],
  ["NOMAD_ALLOC_ID", "Nomad"],
  ["ECS_CONTAINER_METADATA_URI", "Amazon ECS"],
  ["ECS_CONTAINER_METADATA_URI_V4", "Amazon ECS"],
  ["AWS_LAMBDA_FUNCTION_NAME", "AWS Lambda"],
  ["FUNCTIONS_WORKER_RUNTIME", "Azure Functions"],
  ["WEBSITE_INSTANCE_ID", "Azure App Service"],
  ["CONTAINER_APP_NAME", "Azure Container Apps"],
  ["K_SERVICE", "Cloud Run or Knative"],
  ["CLOUD_RUN_JOB", "Cloud Run"],
  ["GAE_SERVICE", "App Engine"],
  ["VCAP_APPLICATION", "Cloud Foundry"],
  ["FLY_APP_NAME", "Fly.io"],
  ["DYNO", "Heroku"],
  ["RENDER", "Render"],
  ["RAILWAY_ENVIRONMENT", "Railway"],
  ["KOYEB_APP_NAME", "Koyeb"],
  ["VERCEL", "Vercel"],
  ["NETLIFY", "Netlify"],
  ["DENO_DEPLOYMENT_ID", "Deno Deploy"],
  ["pm_id", "pm2"],
  ["SUPERVISOR_ENABLED", "supervisord"]
]

/** Programs that run somebody's script: as process 1 they are what a container was started for. */
const runners = new Set(["npm", "npx", "yarn", "pnpm", "pnpx", "bun", "tsx"])

/** What is looked at beside the environment; tests pass their own. */
export interface ProcessFacts {
  readonly pid: number
  readonly parent: number
  /** The words of process 1's command line, where it can be read. */
  readonly first: ReadonlyArray<string>
  /** `device:inode` of standard output and standard error. */
  readonly outputs: ReadonlyArray<string>
}

const output = (descriptor: number): string => {
  try {
    const status = fstatSync(descriptor)
    return `${status.dev}:${status.ino}`
  } catch {
    return ""
  }
}

const commandOfFirst = (): ReadonlyArray<string> => {
  try {
    // npm renames itself to one word with blanks in it ("npm start").
    return readFileSync("/proc/1/cmdline", "utf8").split(/[\0 ]/).filter(Boolean)
  } catch {
    return []
  }
}

export const thisProcess = (): ProcessFacts => ({
  pid: process.pid,
  parent: process.ppid,
  first: commandOfFirst(),
  outputs: [output(1), output(2)]
})

/**
 * INVOCATION_ID and JOURNAL_STREAM alone prove nothing: a desktop's terminals, editors and CI runners
 * inherit them from the service they descend from. A service itself writes to the journal, or is
 * the process systemd started, or that one's child.
 */
const serviceSign = (environment: NodeJS.ProcessEnv, facts: ProcessFacts): string | undefined => {
  if (!environment["INVOCATION_ID"]) {
    return undefined
  }
  const journal = environment["JOURNAL_STREAM"]
  if (journal && facts.outputs.includes(journal)) {
    return "a systemd service (its output goes to JOURNAL_STREAM)"
  }
  const main = Number(environment["SYSTEMD_EXEC_PID"])
  return main === facts.pid || main === facts.parent
    ? "a systemd service (SYSTEMD_EXEC_PID is this process or its parent)"
    : undefined
}

/** The first sign of a deployment, in words for an error message. `CI=true` is none. */
export const deploymentSign = (
  environment: NodeJS.ProcessEnv,
  facts: ProcessFacts = thisProcess()
): string | undefined => {
  const mode = environment["NODE_ENV"]
  if (mode === "production" || mode === "staging") {
    return `NODE_ENV=${mode}`
  }
  if (facts.pid === 1) {
    return "being process 1 (a container's main process)"
  }
  const runner = facts.first.slice(0, 2).find((word) => runners.has(basename(word)))
  if (runner !== undefined) {
    return `process 1 being ${basename(runner)} (a container's main process)`
  }
  const platform = variables.find(([name]) => environment[name])
  if (platform !== undefined) {
    return `${platform[0]} (${platform[1]})`
  }
  return serviceSign(environment, facts)
}
