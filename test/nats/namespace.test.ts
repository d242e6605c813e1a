import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { namespaceFor } from "../../src/nats/namespace.ts"

/** The namespace of a project whose `package.json` says this. */
const namespaceOf = async (manifest: unknown, environment: NodeJS.ProcessEnv = {}) => {
  const folder = await mkdtemp(join(tmpdir(), "arpeggio-namespace-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(
    join(folder, "package.json"),
    typeof manifest === "string" ? manifest : JSON.stringify(manifest)
  )
  const below = join(folder, "src", "jobs")
  await mkdir(below, { recursive: true })
  return namespaceFor(undefined, below, environment)
}

const named = (name: string) => namespaceOf({ name })

describe("the namespace of a project", () => {
  test("is its package's name, when that fits, as it always was", async () => {
    expect(await named("shop")).toBe("shop")
    expect(await named("@acme/shop")).toBe("acme-shop")
    expect(await named("My_Shop.api")).toBe("My_Shop-api")
    expect(await named("a".repeat(32))).toBe("a".repeat(32))
    expect(await named(`@${"a".repeat(32)}`)).toBe("a".repeat(32))
  })

  test("ends with a hash where the name had to be cut, the same every time", async () => {
    const name = "@acme-industries/payments-service-worker"
    const cut = await named(name)
    expect(cut).toMatch(/^acme-industries-payment-[0-9a-z]{8}$/)
    expect(cut).toHaveLength(32)
    expect(await named(name)).toBe(cut)
    // Written down, because a namespace that changed with a release would leave its work behind.
    expect(cut).toBe("acme-industries-payment-dkz78lvb")
  })

  test("names that only begin alike do not share one", async () => {
    const ours = ["worker", "worker-eu", "web", "invoices"].map(
      (end) => `@acme-industries/payments-service-${end}`
    )
    expect(new Set(await Promise.all(ours.map(named))).size).toBe(ours.length)
  })

  test("nor do long names that differ only in what may not stand in a subject, or in case", async () => {
    const ours = [
      "@acme-industries/payments-service-worker",
      "acme-industries/payments-service-worker",
      "acme-industries-payments-service-worker",
      "acme.industries.payments.service.worker",
      "acme-industries-payments-service-Worker"
    ]
    expect(new Set(await Promise.all(ours.map(named))).size).toBe(ours.length)
  })

  test("is `default` where the manifest has no usable name", async () => {
    for (const manifest of [{}, { name: "" }, { name: "@" }, { name: 7 }, "no json"]) {
      expect(await namespaceOf(manifest)).toBe("default")
    }
  })

  test("a namespace that is given is refused, not cut, when it is too long or cannot be", async () => {
    const long = "acme-industries-payments-service-worker"
    const refusal = { reason: "Misconfigured", message: expect.stringContaining("1 to 32 letters") }
    for (const given of [long, "", "a b", "@acme/shop", "a.b", "*"]) {
      expect(() => namespaceFor(given)).toThrow(expect.objectContaining(refusal))
      await expect(
        namespaceOf({ name: "shop" }, { ARPEGGIO_NAMESPACE: given })
      ).rejects.toMatchObject(refusal)
    }
    expect(await namespaceOf({ name: "shop" }, { ARPEGGIO_NAMESPACE: "till" })).toBe("till")
  })
})
