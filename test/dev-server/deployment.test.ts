/** What counts as a deployment, and what only looks like one. */
import { expect, test } from "vitest"
import { deploymentSign } from "../../src/dev-server/deployment.ts"

const desk = { pid: 5000, parent: 4000, first: ["/sbin/init", "splash"], outputs: ["1:2", "1:3"] }

test.each([
  [{ NODE_ENV: "production" }, "NODE_ENV=production"],
  [{ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, "KUBERNETES_SERVICE_HOST (Kubernetes)"],
  [{ AWS_LAMBDA_FUNCTION_NAME: "f" }, "AWS_LAMBDA_FUNCTION_NAME"],
  [{ FUNCTIONS_WORKER_RUNTIME: "node" }, "FUNCTIONS_WORKER_RUNTIME"],
  [{ K_SERVICE: "s" }, "K_SERVICE"],
  [{ FLY_APP_NAME: "a" }, "FLY_APP_NAME"],
  [{ DYNO: "web.1" }, "DYNO"],
  [{ RENDER: "true" }, "RENDER"],
  [{ RAILWAY_ENVIRONMENT: "production" }, "RAILWAY_ENVIRONMENT"],
  [{ VERCEL: "1" }, "VERCEL"],
  [{ ECS_CONTAINER_METADATA_URI_V4: "http://x" }, "Amazon ECS"],
  [{ pm_id: "0" }, "pm2"],
  [{ INVOCATION_ID: "a", JOURNAL_STREAM: "1:3" }, "systemd"],
  [{ INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "5000" }, "systemd"],
  [{ INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "4000" }, "systemd"]
])("%j is one", (environment, sign) => {
  expect(deploymentSign(environment, desk)).toContain(sign)
})

test("so is being process 1, or being run by it", () => {
  expect(deploymentSign({}, { ...desk, pid: 1 })).toContain("process 1")
  expect(deploymentSign({}, { ...desk, first: ["npm", "start"] })).toContain("process 1 being npm")
  const tsx = ["node", "/app/node_modules/.bin/tsx", "worker.ts"]
  expect(deploymentSign({}, { ...desk, first: tsx })).toContain("process 1 being tsx")
})

test.each([
  {},
  { CI: "true", GITHUB_ACTIONS: "true" },
  { NODE_ENV: "test", DYNO: "" },
  // A terminal or an editor of a desktop that systemd started, a self-hosted CI runner.
  { INVOCATION_ID: "a", JOURNAL_STREAM: "9:9", SYSTEMD_EXEC_PID: "1200" }
])("%j is none", (environment) => {
  expect(deploymentSign(environment, desk)).toBeUndefined()
})
